//! A struct and its handle.

use expect_test::expect;
use quote::quote;

use super::becomes;

#[test]
fn a_struct_gets_a_handle() {
    becomes(
        quote!(
            mailbox = 8,
            full = reject,
            stop_within = "500ms",
            crate = crate::here
        ),
        quote!(
            /// Counts.
            pub struct Counter {
                n: i64,
            }
        ),
        expect![[r#"
            /// Counts.
            pub struct Counter {
                n: i64,
            }
            const _: () = {
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_0()
                where
                    i64: crate::here::actor::check::State,
                {}
            };
            /// The handle of the actor [`Counter`]: its messages are its methods.
            pub struct CounterHandle(crate::here::actor::Addr<Counter>);
            #[automatically_derived]
            impl ::core::clone::Clone for CounterHandle {
                fn clone(&self) -> Self {
                    Self(::core::clone::Clone::clone(&self.0))
                }
            }
            #[automatically_derived]
            impl ::core::cmp::PartialEq for CounterHandle {
                fn eq(&self, other: &Self) -> bool {
                    self.0 == other.0
                }
            }
            #[automatically_derived]
            impl ::core::cmp::Eq for CounterHandle {}
            #[automatically_derived]
            impl ::core::hash::Hash for CounterHandle {
                fn hash<__State: ::core::hash::Hasher>(&self, state: &mut __State) {
                    ::core::hash::Hash::hash(&self.0, state);
                }
            }
            #[automatically_derived]
            impl ::core::fmt::Debug for CounterHandle {
                fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    formatter.debug_tuple("CounterHandle").field(&self.0).finish()
                }
            }
            #[automatically_derived]
            impl ::core::ops::Deref for CounterHandle {
                type Target = crate::here::actor::Addr<Counter>;
                fn deref(&self) -> &Self::Target {
                    &self.0
                }
            }
            #[automatically_derived]
            impl crate::here::actor::Actor for Counter {
                type Handle = CounterHandle;
                const OPTIONS: crate::here::actor::ActorOptions = {
                    #[allow(unused_imports)]
                    use crate::here::actor::Full;
                    crate::here::actor::ActorOptions::new()
                        .mailbox(8)
                        .full(Full::Reject)
                        .stop_within(::core::time::Duration::new(0u64, 500000000u32))
                };
                fn handle(address: crate::here::actor::Addr<Self>) -> CounterHandle {
                    CounterHandle(address)
                }
            }
        "#]],
    );
}

#[test]
fn a_generic_struct_gets_a_generic_handle() {
    becomes(
        quote!(),
        quote!(
            struct Cache<K: Eq, V>(K, V)
            where
                V: Clone;
        ),
        expect![[r#"
            struct Cache<K: Eq, V>(
                K,
                V,
            )
            where
                V: Clone;
            /// The handle of the actor [`Cache`]: its messages are its methods.
            struct CacheHandle<K: Eq, V>(
                ::nimsync::actor::Addr<Cache<K, V>>,
            )
            where
                V: Clone;
            #[automatically_derived]
            impl<K: Eq, V> ::core::clone::Clone for CacheHandle<K, V>
            where
                V: Clone,
            {
                fn clone(&self) -> Self {
                    Self(::core::clone::Clone::clone(&self.0))
                }
            }
            #[automatically_derived]
            impl<K: Eq, V> ::core::cmp::PartialEq for CacheHandle<K, V>
            where
                V: Clone,
            {
                fn eq(&self, other: &Self) -> bool {
                    self.0 == other.0
                }
            }
            #[automatically_derived]
            impl<K: Eq, V> ::core::cmp::Eq for CacheHandle<K, V>
            where
                V: Clone,
            {}
            #[automatically_derived]
            impl<K: Eq, V> ::core::hash::Hash for CacheHandle<K, V>
            where
                V: Clone,
            {
                fn hash<__State: ::core::hash::Hasher>(&self, state: &mut __State) {
                    ::core::hash::Hash::hash(&self.0, state);
                }
            }
            #[automatically_derived]
            impl<K: Eq, V> ::core::fmt::Debug for CacheHandle<K, V>
            where
                V: Clone,
            {
                fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    formatter.debug_tuple("CacheHandle").field(&self.0).finish()
                }
            }
            #[automatically_derived]
            impl<K: Eq, V> ::core::ops::Deref for CacheHandle<K, V>
            where
                V: Clone,
            {
                type Target = ::nimsync::actor::Addr<Cache<K, V>>;
                fn deref(&self) -> &Self::Target {
                    &self.0
                }
            }
            #[automatically_derived]
            impl<K: Eq, V> ::nimsync::actor::Actor for Cache<K, V>
            where
                V: Clone,
                Self: ::core::marker::Send + 'static,
            {
                type Handle = CacheHandle<K, V>;
                fn handle(address: ::nimsync::actor::Addr<Self>) -> CacheHandle<K, V> {
                    CacheHandle(address)
                }
            }
        "#]],
    );
}
