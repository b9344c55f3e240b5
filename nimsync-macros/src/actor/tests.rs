use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;

use super::actor;
use crate::snapshot;

fn becomes(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::items(actor(options, item), expected);
}

fn says(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::messages(actor(options, item), expected);
}

/// The messages for one method.
fn method_says(method: TokenStream, expected: Expect) {
    let item = quote!(
        impl Counter {
            #method
            pub fn good(&mut self) {}
        }
    );
    says(quote!(), item, expected);
}

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
                fn handle(address: crate::here::actor::Addr<Self>) -> Self::Handle {
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
                fn handle(address: ::nimsync::actor::Addr<Self>) -> Self::Handle {
                    CacheHandle(address)
                }
            }
        "#]],
    );
}

#[test]
fn an_impl_becomes_messages() {
    becomes(
        quote!(),
        quote!(
            impl Counter {
                const STEP: i64 = 1;

                /// Adds.
                pub fn increment(&mut self, by: i64) {
                    self.n += by;
                }

                #[cfg(feature = "decrement")]
                pub async fn decrement(&mut self, by: i64) -> io::Result<i64> {
                    self.n -= by;
                    Ok(self.n)
                }

                #[message]
                fn merge(&mut self, other: Self, cx: &mut Cx<Self>) {}

                fn helper(&self) {}
            }
        ),
        expect![[r#"
            impl Counter {
                const STEP: i64 = 1;
                /// Adds.
                pub fn increment(&mut self, by: i64) {
                    self.n += by;
                }
                #[cfg(feature = "decrement")]
                pub async fn decrement(&mut self, by: i64) -> io::Result<i64> {
                    self.n -= by;
                    Ok(self.n)
                }
                fn merge(&mut self, other: Self, cx: &mut Cx<Self>) {}
                fn helper(&self) {}
            }
            const _: () = {
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_0()
                where
                    i64: ::nimsync::actor::check::Argument,
                {}
                #[cfg(feature = "decrement")]
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_1()
                where
                    i64: ::nimsync::actor::check::Argument,
                {}
                #[cfg(feature = "decrement")]
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_2()
                where
                    io::Result<i64>: ::nimsync::actor::check::Answer,
                {}
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_3()
                where
                    Counter: ::nimsync::actor::check::Argument,
                {}
                #[allow(
                    non_camel_case_types,
                    missing_docs,
                    unreachable_pub,
                    clippy::large_enum_variant
                )]
                pub enum __CounterMessage {
                    increment((i64,), ::nimsync::actor::Reply<()>),
                    #[cfg(feature = "decrement")]
                    decrement((i64,), ::nimsync::actor::Reply<io::Result<i64>>),
                    merge((Counter,), ::nimsync::actor::Reply<()>),
                }
                #[automatically_derived]
                #[diagnostic::do_not_recommend]
                impl ::nimsync::actor::Message for __CounterMessage {
                    fn name(&self) -> &'static str {
                        match self {
                            Self::increment(..) => "increment",
                            #[cfg(feature = "decrement")]
                            Self::decrement(..) => "decrement",
                            Self::merge(..) => "merge",
                        }
                    }
                    fn refuse(self, why: ::nimsync::actor::Refusal) -> bool {
                        match self {
                            Self::increment(_, reply) => reply.refuse(why),
                            #[cfg(feature = "decrement")]
                            Self::decrement(_, reply) => reply.refuse(why),
                            Self::merge(_, reply) => reply.refuse(why),
                        }
                    }
                }
                #[automatically_derived]
                #[allow(clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Counter {
                    type Message = __CounterMessage;
                    async fn dispatch(
                        &mut self,
                        message: Self::Message,
                        #[allow(unused_variables)]
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) {
                        match message {
                            __CounterMessage::increment((by,), reply) => {
                                let value = Self::increment(self, by);
                                reply.send(value);
                            }
                            #[cfg(feature = "decrement")]
                            __CounterMessage::decrement((by,), reply) => {
                                let value = Self::decrement(self, by).await;
                                #[allow(unused_imports)]
                                use ::nimsync::actor::DescribeUnknown as _;
                                let answered = reply
                                    .send_result(
                                        value,
                                        |error| ::nimsync::actor::Describe(error).text(),
                                    );
                                if let ::core::result::Result::Err(what) = answered {
                                    cx.fail(what);
                                }
                            }
                            __CounterMessage::merge((other,), reply) => {
                                let value = Self::merge(self, other, cx);
                                reply.send(value);
                            }
                        }
                    }
                }
                #[automatically_derived]
                impl CounterHandle {
                    /// Adds.
                    #[allow(dead_code)]
                    #[inline]
                    pub fn increment(
                        &self,
                        by: i64,
                    ) -> ::nimsync::actor::Call<'_, Counter, ::nimsync::actor::Plain<()>, (i64,)> {
                        ::nimsync::actor::Call::new(
                            self,
                            (by,),
                            __CounterMessage::increment,
                            |message| match message {
                                __CounterMessage::increment(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                    #[cfg(feature = "decrement")]
                    #[allow(dead_code)]
                    #[inline]
                    pub fn decrement(
                        &self,
                        by: i64,
                    ) -> ::nimsync::actor::Call<
                        '_,
                        Counter,
                        ::nimsync::actor::Fallible<io::Result<i64>>,
                        (i64,),
                    > {
                        ::nimsync::actor::Call::new(
                            self,
                            (by,),
                            __CounterMessage::decrement,
                            |message| match message {
                                __CounterMessage::decrement(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                    #[allow(dead_code)]
                    #[inline]
                    fn merge(
                        &self,
                        other: Counter,
                    ) -> ::nimsync::actor::Call<
                        '_,
                        Counter,
                        ::nimsync::actor::Plain<()>,
                        (Counter,),
                    > {
                        ::nimsync::actor::Call::new(
                            self,
                            (other,),
                            __CounterMessage::merge,
                            |message| match message {
                                __CounterMessage::merge(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                }
                #[automatically_derived]
                impl ::nimsync::actor::Accepts<Counter> for Counter {
                    fn accept(argument: Counter) -> Self::Message {
                        __CounterMessage::merge((argument,), ::nimsync::actor::Reply::unasked())
                    }
                    fn hand_back(message: Self::Message) -> Counter {
                        match message {
                            __CounterMessage::merge((argument,), _) => argument,
                            #[allow(unreachable_patterns)]
                            _ => ::core::unreachable!(),
                        }
                    }
                }
            };
        "#]],
    );
}

#[test]
fn a_message_may_have_a_priority() {
    becomes(
        quote!(),
        quote!(
            impl Counter {
                #[message(priority = high)]
                #[cfg(unix)]
                pub fn urgent(&mut self) {}

                #[message(priority = low)]
                fn tidy(&mut self) {}

                #[message(priority = normal)]
                fn add(&mut self) {}
            }
        ),
        expect![[r#"
            impl Counter {
                #[cfg(unix)]
                pub fn urgent(&mut self) {}
                fn tidy(&mut self) {}
                fn add(&mut self) {}
            }
            const _: () = {
                #[allow(
                    non_camel_case_types,
                    missing_docs,
                    unreachable_pub,
                    clippy::large_enum_variant
                )]
                pub enum __CounterMessage {
                    #[cfg(unix)]
                    urgent((), ::nimsync::actor::Reply<()>),
                    tidy((), ::nimsync::actor::Reply<()>),
                    add((), ::nimsync::actor::Reply<()>),
                }
                #[automatically_derived]
                #[diagnostic::do_not_recommend]
                impl ::nimsync::actor::Message for __CounterMessage {
                    fn name(&self) -> &'static str {
                        match self {
                            #[cfg(unix)]
                            Self::urgent(..) => "urgent",
                            Self::tidy(..) => "tidy",
                            Self::add(..) => "add",
                        }
                    }
                    fn refuse(self, why: ::nimsync::actor::Refusal) -> bool {
                        match self {
                            #[cfg(unix)]
                            Self::urgent(_, reply) => reply.refuse(why),
                            Self::tidy(_, reply) => reply.refuse(why),
                            Self::add(_, reply) => reply.refuse(why),
                        }
                    }
                    const HAS_PRIORITIES: bool = true;
                    fn priority(&self) -> ::nimsync::actor::Priority {
                        match self {
                            #[cfg(unix)]
                            Self::urgent(..) => ::nimsync::actor::Priority::High,
                            Self::tidy(..) => ::nimsync::actor::Priority::Low,
                            #[allow(unreachable_patterns)]
                            _ => ::nimsync::actor::Priority::Normal,
                        }
                    }
                }
                #[automatically_derived]
                #[allow(clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Counter {
                    type Message = __CounterMessage;
                    async fn dispatch(
                        &mut self,
                        message: Self::Message,
                        #[allow(unused_variables)]
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) {
                        match message {
                            #[cfg(unix)]
                            __CounterMessage::urgent((), reply) => {
                                let value = Self::urgent(self);
                                reply.send(value);
                            }
                            __CounterMessage::tidy((), reply) => {
                                let value = Self::tidy(self);
                                reply.send(value);
                            }
                            __CounterMessage::add((), reply) => {
                                let value = Self::add(self);
                                reply.send(value);
                            }
                        }
                    }
                }
                #[automatically_derived]
                impl CounterHandle {
                    #[cfg(unix)]
                    #[allow(dead_code)]
                    #[inline]
                    pub fn urgent(
                        &self,
                    ) -> ::nimsync::actor::Call<'_, Counter, ::nimsync::actor::Plain<()>, ()> {
                        ::nimsync::actor::Call::new(
                            self,
                            (),
                            __CounterMessage::urgent,
                            |message| match message {
                                __CounterMessage::urgent(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                    #[allow(dead_code)]
                    #[inline]
                    fn tidy(
                        &self,
                    ) -> ::nimsync::actor::Call<'_, Counter, ::nimsync::actor::Plain<()>, ()> {
                        ::nimsync::actor::Call::new(
                            self,
                            (),
                            __CounterMessage::tidy,
                            |message| match message {
                                __CounterMessage::tidy(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                    #[allow(dead_code)]
                    #[inline]
                    fn add(
                        &self,
                    ) -> ::nimsync::actor::Call<'_, Counter, ::nimsync::actor::Plain<()>, ()> {
                        ::nimsync::actor::Call::new(
                            self,
                            (),
                            __CounterMessage::add,
                            |message| match message {
                                __CounterMessage::add(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                }
            };
        "#]],
    );
}

#[test]
fn messages_may_be_handled_beside_each_other() {
    becomes(
        quote!(),
        quote!(
            impl Counter {
                #[message(concurrent)]
                pub async fn get(&self) -> i64 {}

                #[message(concurrent)]
                #[cfg(unix)]
                async fn find(&self, key: u32) -> Result<i64, E> {}

                pub fn add(&mut self) {}
            }
        ),
        expect![[r#"
            impl Counter {
                pub async fn get(&self) -> i64 {}
                #[cfg(unix)]
                async fn find(&self, key: u32) -> Result<i64, E> {}
                pub fn add(&mut self) {}
            }
            const _: () = {
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_0()
                where
                    i64: ::nimsync::actor::check::Answer,
                {}
                #[cfg(unix)]
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_1()
                where
                    u32: ::nimsync::actor::check::Argument,
                {}
                #[cfg(unix)]
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_2()
                where
                    Result<i64, E>: ::nimsync::actor::check::Answer,
                {}
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_3()
                where
                    Counter: ::nimsync::actor::check::Shared,
                {}
                #[allow(
                    non_camel_case_types,
                    missing_docs,
                    unreachable_pub,
                    clippy::large_enum_variant
                )]
                pub enum __CounterMessage {
                    get((), ::nimsync::actor::Reply<i64>),
                    #[cfg(unix)]
                    find((u32,), ::nimsync::actor::Reply<Result<i64, E>>),
                    add((), ::nimsync::actor::Reply<()>),
                }
                #[automatically_derived]
                #[diagnostic::do_not_recommend]
                impl ::nimsync::actor::Message for __CounterMessage {
                    fn name(&self) -> &'static str {
                        match self {
                            Self::get(..) => "get",
                            #[cfg(unix)]
                            Self::find(..) => "find",
                            Self::add(..) => "add",
                        }
                    }
                    fn refuse(self, why: ::nimsync::actor::Refusal) -> bool {
                        match self {
                            Self::get(_, reply) => reply.refuse(why),
                            #[cfg(unix)]
                            Self::find(_, reply) => reply.refuse(why),
                            Self::add(_, reply) => reply.refuse(why),
                        }
                    }
                    fn is_concurrent(&self) -> bool {
                        match self {
                            Self::get(..) => true,
                            #[cfg(unix)]
                            Self::find(..) => true,
                            #[allow(unreachable_patterns)]
                            _ => false,
                        }
                    }
                }
                #[automatically_derived]
                #[allow(clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Counter {
                    type Message = __CounterMessage;
                    async fn dispatch(
                        &mut self,
                        message: Self::Message,
                        #[allow(unused_variables)]
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) {
                        match message {
                            concurrent @ __CounterMessage::get(..) => {
                                if let ::core::result::Result::Err(what) = self
                                    .dispatch_concurrent(concurrent)
                                    .await
                                {
                                    cx.fail(what);
                                }
                            }
                            #[cfg(unix)]
                            concurrent @ __CounterMessage::find(..) => {
                                if let ::core::result::Result::Err(what) = self
                                    .dispatch_concurrent(concurrent)
                                    .await
                                {
                                    cx.fail(what);
                                }
                            }
                            __CounterMessage::add((), reply) => {
                                let value = Self::add(self);
                                reply.send(value);
                            }
                        }
                    }
                    async fn dispatch_concurrent(
                        &self,
                        message: Self::Message,
                    ) -> ::core::result::Result<(), ::std::string::String> {
                        match message {
                            __CounterMessage::get((), reply) => {
                                let value = Self::get(self).await;
                                reply.send(value);
                                ::core::result::Result::Ok(())
                            }
                            #[cfg(unix)]
                            __CounterMessage::find((key,), reply) => {
                                let value = Self::find(self, key).await;
                                #[allow(unused_imports)]
                                use ::nimsync::actor::DescribeUnknown as _;
                                reply
                                    .send_result(
                                        value,
                                        |error| ::nimsync::actor::Describe(error).text(),
                                    )
                            }
                            #[allow(unreachable_patterns)]
                            _ => ::core::unreachable!(),
                        }
                    }
                }
                #[automatically_derived]
                impl CounterHandle {
                    #[allow(dead_code)]
                    #[inline]
                    pub fn get(
                        &self,
                    ) -> ::nimsync::actor::Call<'_, Counter, ::nimsync::actor::Plain<i64>, ()> {
                        ::nimsync::actor::Call::new(
                            self,
                            (),
                            __CounterMessage::get,
                            |message| match message {
                                __CounterMessage::get(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                    #[cfg(unix)]
                    #[allow(dead_code)]
                    #[inline]
                    fn find(
                        &self,
                        key: u32,
                    ) -> ::nimsync::actor::Call<
                        '_,
                        Counter,
                        ::nimsync::actor::Fallible<Result<i64, E>>,
                        (u32,),
                    > {
                        ::nimsync::actor::Call::new(
                            self,
                            (key,),
                            __CounterMessage::find,
                            |message| match message {
                                __CounterMessage::find(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                    #[allow(dead_code)]
                    #[inline]
                    pub fn add(
                        &self,
                    ) -> ::nimsync::actor::Call<'_, Counter, ::nimsync::actor::Plain<()>, ()> {
                        ::nimsync::actor::Call::new(
                            self,
                            (),
                            __CounterMessage::add,
                            |message| match message {
                                __CounterMessage::add(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                }
                #[cfg(unix)]
                #[automatically_derived]
                impl ::nimsync::actor::Accepts<u32> for Counter {
                    fn accept(argument: u32) -> Self::Message {
                        __CounterMessage::find((argument,), ::nimsync::actor::Reply::unasked())
                    }
                    fn hand_back(message: Self::Message) -> u32 {
                        match message {
                            __CounterMessage::find((argument,), _) => argument,
                            #[allow(unreachable_patterns)]
                            _ => ::core::unreachable!(),
                        }
                    }
                }
            };
        "#]],
    );
}

#[test]
fn a_message_may_be_accepted_by_its_type() {
    becomes(
        quote!(),
        quote!(
            impl Counter {
                #[message]
                #[cfg(unix)]
                pub fn add(&mut self, by: i64) -> Result<i64, E> {}
            }
        ),
        expect![[r#"
            impl Counter {
                #[cfg(unix)]
                pub fn add(&mut self, by: i64) -> Result<i64, E> {}
            }
            const _: () = {
                #[cfg(unix)]
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_0()
                where
                    i64: ::nimsync::actor::check::Argument,
                {}
                #[cfg(unix)]
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_1()
                where
                    Result<i64, E>: ::nimsync::actor::check::Answer,
                {}
                #[allow(
                    non_camel_case_types,
                    missing_docs,
                    unreachable_pub,
                    clippy::large_enum_variant
                )]
                pub enum __CounterMessage {
                    #[cfg(unix)]
                    add((i64,), ::nimsync::actor::Reply<Result<i64, E>>),
                }
                #[automatically_derived]
                #[diagnostic::do_not_recommend]
                impl ::nimsync::actor::Message for __CounterMessage {
                    fn name(&self) -> &'static str {
                        match self {
                            #[cfg(unix)]
                            Self::add(..) => "add",
                        }
                    }
                    fn refuse(self, why: ::nimsync::actor::Refusal) -> bool {
                        match self {
                            #[cfg(unix)]
                            Self::add(_, reply) => reply.refuse(why),
                        }
                    }
                }
                #[automatically_derived]
                #[allow(clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Counter {
                    type Message = __CounterMessage;
                    async fn dispatch(
                        &mut self,
                        message: Self::Message,
                        #[allow(unused_variables)]
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) {
                        match message {
                            #[cfg(unix)]
                            __CounterMessage::add((by,), reply) => {
                                let value = Self::add(self, by);
                                #[allow(unused_imports)]
                                use ::nimsync::actor::DescribeUnknown as _;
                                let answered = reply
                                    .send_result(
                                        value,
                                        |error| ::nimsync::actor::Describe(error).text(),
                                    );
                                if let ::core::result::Result::Err(what) = answered {
                                    cx.fail(what);
                                }
                            }
                        }
                    }
                }
                #[automatically_derived]
                impl CounterHandle {
                    #[cfg(unix)]
                    #[allow(dead_code)]
                    #[inline]
                    pub fn add(
                        &self,
                        by: i64,
                    ) -> ::nimsync::actor::Call<
                        '_,
                        Counter,
                        ::nimsync::actor::Fallible<Result<i64, E>>,
                        (i64,),
                    > {
                        ::nimsync::actor::Call::new(
                            self,
                            (by,),
                            __CounterMessage::add,
                            |message| match message {
                                __CounterMessage::add(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                }
                #[cfg(unix)]
                #[automatically_derived]
                impl ::nimsync::actor::Accepts<i64> for Counter {
                    fn accept(argument: i64) -> Self::Message {
                        __CounterMessage::add((argument,), ::nimsync::actor::Reply::unasked())
                    }
                    fn hand_back(message: Self::Message) -> i64 {
                        match message {
                            __CounterMessage::add((argument,), _) => argument,
                            #[allow(unreachable_patterns)]
                            _ => ::core::unreachable!(),
                        }
                    }
                }
            };
        "#]],
    );
}

/// The types that an actor accepts.
fn accepts(item: TokenStream, types: &[&str]) {
    let expansion = actor(quote!(), item).to_string();
    let found: Vec<_> = expansion
        .split(":: actor :: Accepts < ")
        .skip(1)
        .filter_map(|rest| rest.split(" >").next())
        .collect();
    assert_eq!(found, types);
}

#[test]
fn a_type_is_accepted_by_one_message() {
    let plain = quote!(
        impl Counter {
            pub fn visible(&mut self, n: u8) {}
            #[message]
            pub fn one(&mut self, n: u16) {}
            #[message]
            pub fn two(&mut self, n: u16, m: u16) {}
            #[message]
            fn same(&mut self, n: u32) {}
            #[message]
            fn as_well(&mut self, n: u32) {}
        }
    );
    accepts(plain, &["u16"]);
    let chosen = quote!(
        impl Counter {
            #[message]
            fn one(&mut self, n: u16) {}
            #[message]
            fn same(&mut self, n: u32) {}
            #[message(accept)]
            fn this(&mut self, n: u32) {}
        }
    );
    accepts(chosen, &["u32"]);
    let generic = quote!(
        impl<T> Counter<T> {
            #[message]
            fn one(&mut self, n: u16) {}
            #[message]
            fn any(&mut self, n: T) {}
        }
    );
    accepts(generic, &["u16"]);
    let only = quote!(
        impl<T> Counter<T> {
            #[message]
            fn any(&mut self, n: T) {}
        }
    );
    accepts(only, &["T"]);
    method_says(
        quote!(
            #[message(accept)]
            fn one(&mut self, n: u16) {}
            #[message(accept)]
            fn two(&mut self, n: u16) {}
            #[message(accept)]
            fn three(&mut self, n: u16, m: u16) {}
        ),
        expect![[r#"
            `one` accepts the same type
            help: remove `accept` from one of them
            `accept` is for a message with one argument, and `three` has 2
            help: put the values into one struct, or remove `accept`
        "#]],
    );
}

#[test]
fn concurrent_messages_are_checked() {
    method_says(
        quote!(
            #[message(concurrent)]
            pub async fn put(&mut self) {}
        ),
        expect![[r#"
            a concurrent message cannot have `&mut self`: others run beside it, and see the same actor
            help: write `&self`, or remove `concurrent`
        "#]],
    );
    method_says(
        quote!(
            #[message(concurrent)]
            pub fn get(&self) {}
        ),
        expect![[r#"
            a concurrent message is `async`: others run while it waits
            help: write `async fn get`, or remove `concurrent`
        "#]],
    );
    method_says(
        quote!(
            #[message(concurrent = 3)]
            pub async fn get(&self, cx: &mut Cx<Self>) {}
        ),
        expect![[r#"
            `concurrent` takes no value
            help: write only `concurrent`
            a concurrent message has no context: it is lent to one handler at a time
            help: remove the argument, or `concurrent`
        "#]],
    );
    says(
        quote!(concurrent = 0),
        quote!(
            struct Counter;
        ),
        expect![[r#"
            at least one message is handled at a time
            help: `concurrent = 1`
        "#]],
    );
}

#[test]
fn hooks_are_called_by_the_runtime() {
    becomes(
        quote!(),
        quote!(
            impl Counter {
                #[on_start]
                async fn up(&mut self, cx: &mut Cx<Self>) -> Result<(), E> {
                    Ok(())
                }

                #[init]
                fn new(n: i64) -> Result<Self, E> {
                    Ok(Self { n })
                }

                #[on_stop]
                fn down(&mut self) {}

                #[on_exit]
                fn gone(&mut self, id: ActorId, why: StopReason) {}

                #[every("2s")]
                fn beat(&mut self) {}
            }
        ),
        expect![[r#"
            impl Counter {
                async fn up(&mut self, cx: &mut Cx<Self>) -> Result<(), E> {
                    Ok(())
                }
                fn new(n: i64) -> Result<Self, E> {
                    Ok(Self { n })
                }
                fn down(&mut self) {}
                fn gone(&mut self, id: ActorId, why: StopReason) {}
                fn beat(&mut self) {}
            }
            const _: () = {
                #[allow(
                    non_camel_case_types,
                    missing_docs,
                    unreachable_pub,
                    clippy::large_enum_variant
                )]
                pub enum __CounterMessage {
                    beat((), ::nimsync::actor::Reply<()>),
                }
                #[automatically_derived]
                #[diagnostic::do_not_recommend]
                impl ::nimsync::actor::Message for __CounterMessage {
                    fn name(&self) -> &'static str {
                        match self {
                            Self::beat(..) => "beat",
                        }
                    }
                    fn refuse(self, why: ::nimsync::actor::Refusal) -> bool {
                        match self {
                            Self::beat(_, reply) => reply.refuse(why),
                        }
                    }
                }
                #[automatically_derived]
                #[allow(clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Counter {
                    type Message = __CounterMessage;
                    async fn dispatch(
                        &mut self,
                        message: Self::Message,
                        #[allow(unused_variables)]
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) {
                        match message {
                            __CounterMessage::beat((), reply) => {
                                let value = Self::beat(self);
                                reply.send(value);
                            }
                        }
                    }
                    async fn started(
                        &mut self,
                        #[allow(unused_variables)]
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) -> ::core::result::Result<(), ::std::string::String> {
                        match Self::up(self, cx).await {
                            ::core::result::Result::Ok(()) => ::core::result::Result::Ok(()),
                            ::core::result::Result::Err(error) => {
                                #[allow(unused_imports)]
                                use ::nimsync::actor::DescribeUnknown as _;
                                ::core::result::Result::Err(
                                    ::nimsync::actor::Describe(&error).text(),
                                )
                            }
                        }
                    }
                    async fn stopped(
                        &mut self,
                        #[allow(unused_variables)]
                        why: ::nimsync::actor::StopReason,
                    ) {
                        Self::down(self);
                    }
                    #[allow(unused_variables)]
                    async fn exited(
                        &mut self,
                        id: ::nimsync::actor::ActorId,
                        why: ::nimsync::actor::StopReason,
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) {
                        Self::gone(self, id, why);
                    }
                    fn beats() -> ::std::vec::Vec<::nimsync::actor::Beat<Self::Message>> {
                        ::std::vec![
                            (::core::time::Duration::new(2u64, 0u32), || __CounterMessage::beat((),
                            ::nimsync::actor::Reply::unasked()))
                        ]
                    }
                }
                #[automatically_derived]
                impl CounterHandle {}
                #[automatically_derived]
                impl ::nimsync::actor::Init for Counter {
                    type Args = (i64,);
                    async fn init(
                        (n,): Self::Args,
                    ) -> ::core::result::Result<Self, ::std::string::String> {
                        match Self::new(n) {
                            ::core::result::Result::Ok(actor) => ::core::result::Result::Ok(actor),
                            ::core::result::Result::Err(error) => {
                                #[allow(unused_imports)]
                                use ::nimsync::actor::DescribeUnknown as _;
                                ::core::result::Result::Err(
                                    ::nimsync::actor::Describe(&error).text(),
                                )
                            }
                        }
                    }
                }
            };
        "#]],
    );
}

#[test]
fn a_generic_impl_becomes_generic_messages() {
    becomes(
        quote!(),
        quote!(
            impl<K: Eq + Send + 'static, V: Send + 'static> store::Cache<K, V> {
                pub fn put(&mut self, key: K) {}
            }
        ),
        expect![[r#"
            impl<K: Eq + Send + 'static, V: Send + 'static> store::Cache<K, V> {
                pub fn put(&mut self, key: K) {}
            }
            const _: () = {
                #[allow(
                    non_camel_case_types,
                    missing_docs,
                    unreachable_pub,
                    clippy::large_enum_variant
                )]
                pub enum __CacheMessage<K: Eq + Send + 'static, V: Send + 'static> {
                    put((K,), ::nimsync::actor::Reply<()>),
                    __Spare(
                        ::core::convert::Infallible,
                        ::core::marker::PhantomData<(fn() -> K, fn() -> V)>,
                    ),
                }
                #[automatically_derived]
                #[diagnostic::do_not_recommend]
                impl<K: Eq + Send + 'static, V: Send + 'static> ::nimsync::actor::Message
                for __CacheMessage<K, V> {
                    fn name(&self) -> &'static str {
                        match self {
                            Self::put(..) => "put",
                            Self::__Spare(never, _) => match *never {}
                        }
                    }
                    fn refuse(self, why: ::nimsync::actor::Refusal) -> bool {
                        match self {
                            Self::put(_, reply) => reply.refuse(why),
                            Self::__Spare(never, _) => match never {}
                        }
                    }
                }
                #[automatically_derived]
                #[allow(clippy::unit_arg, clippy::let_unit_value)]
                impl<K: Eq + Send + 'static, V: Send + 'static> ::nimsync::actor::Messages
                for store::Cache<K, V> {
                    type Message = __CacheMessage<K, V>;
                    async fn dispatch(
                        &mut self,
                        message: Self::Message,
                        #[allow(unused_variables)]
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) {
                        match message {
                            __CacheMessage::put((key,), reply) => {
                                let value = Self::put(self, key);
                                reply.send(value);
                            }
                            __CacheMessage::__Spare(never, _) => match never {}
                        }
                    }
                }
                #[automatically_derived]
                impl<K: Eq + Send + 'static, V: Send + 'static> store::CacheHandle<K, V> {
                    #[allow(dead_code)]
                    #[inline]
                    pub fn put(
                        &self,
                        key: K,
                    ) -> ::nimsync::actor::Call<
                        '_,
                        store::Cache<K, V>,
                        ::nimsync::actor::Plain<()>,
                        (K,),
                    > {
                        ::nimsync::actor::Call::new(
                            self,
                            (key,),
                            __CacheMessage::put,
                            |message| match message {
                                __CacheMessage::put(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                }
            };
        "#]],
    );
}

#[test]
fn half_typed_code_stays() {
    becomes(
        quote!(),
        quote!(
            impl Counter {
                pub fn increment(&mut self, by: i64) {
                    self.n.
                }
                pub fn
            }
        ),
        expect![[r#"
            impl Counter { pub fn increment (& mut self , by : i64) { self . n . } pub fn } const _ : () = { # [allow (dead_code , trivial_bounds)] fn __assertion_0 () where i64 : :: nimsync :: actor :: check :: Argument { } # [allow (non_camel_case_types , missing_docs , unreachable_pub , clippy :: large_enum_variant)] pub enum __CounterMessage { increment ((i64 ,) , :: nimsync :: actor :: Reply < () >) , } # [automatically_derived] # [diagnostic :: do_not_recommend] impl :: nimsync :: actor :: Message for __CounterMessage { fn name (& self) -> & 'static str { match self { Self :: increment (..) => "increment" , } } fn refuse (self , why : :: nimsync :: actor :: Refusal) -> bool { match self { Self :: increment (_ , reply) => reply . refuse (why) , } } } # [automatically_derived] # [allow (clippy :: unit_arg , clippy :: let_unit_value)] impl :: nimsync :: actor :: Messages for Counter { type Message = __CounterMessage ; async fn dispatch (& mut self , message : Self :: Message , # [allow (unused_variables)] cx : & mut :: nimsync :: actor :: Cx < Self > ,) { match message { __CounterMessage :: increment ((by ,) , reply) => { let value = Self :: increment (self , by ,) ; reply . send (value) ; } } } } # [automatically_derived] impl CounterHandle { # [allow (dead_code)] # [inline] pub fn increment (& self , by : i64) -> :: nimsync :: actor :: Call < '_ , Counter , :: nimsync :: actor :: Plain < () > , (i64 ,) > { :: nimsync :: actor :: Call :: new (self , (by ,) , __CounterMessage :: increment , | message | match message { __CounterMessage :: increment (arguments , _) => arguments , # [allow (unreachable_patterns)] _ => :: core :: unreachable ! () , }) } } } ;
        "#]],
    );
    becomes(
        quote!(mailbox =),
        quote!(
            impl Counter {
                pub fn increment(&mut self, by: ) {}
            }
        ),
        expect![[r#"
            :: core :: compile_error ! { "expected a value after `mailbox =`" } impl Counter { pub fn increment (& mut self , by :) { } }
        "#]],
    );
    becomes(
        quote!(mailbox),
        quote!(struct Counter),
        expect![[r#"
        :: core :: compile_error ! { "`mailbox` needs a value\nhelp: `mailbox = 64`" } struct Counter # [doc = " The handle of the actor [`Counter`]: its messages are its methods."] struct CounterHandle (:: nimsync :: actor :: Addr < Counter >) ; # [automatically_derived] impl :: core :: clone :: Clone for CounterHandle { fn clone (& self) -> Self { Self (:: core :: clone :: Clone :: clone (& self . 0)) } } # [automatically_derived] impl :: core :: cmp :: PartialEq for CounterHandle { fn eq (& self , other : & Self) -> bool { self . 0 == other . 0 } } # [automatically_derived] impl :: core :: cmp :: Eq for CounterHandle { } # [automatically_derived] impl :: core :: hash :: Hash for CounterHandle { fn hash < __State : :: core :: hash :: Hasher > (& self , state : & mut __State) { :: core :: hash :: Hash :: hash (& self . 0 , state) ; } } # [automatically_derived] impl :: core :: fmt :: Debug for CounterHandle { fn fmt (& self , formatter : & mut :: core :: fmt :: Formatter < '_ >) -> :: core :: fmt :: Result { formatter . debug_tuple ("CounterHandle") . field (& self . 0) . finish () } } # [automatically_derived] impl :: core :: ops :: Deref for CounterHandle { type Target = :: nimsync :: actor :: Addr < Counter > ; fn deref (& self) -> & Self :: Target { & self . 0 } } # [automatically_derived] impl :: nimsync :: actor :: Actor for Counter { type Handle = CounterHandle ; fn handle (address : :: nimsync :: actor :: Addr < Self >) -> Self :: Handle { CounterHandle (address) } }
    "#]],
    );
}

#[test]
fn a_method_that_is_being_typed_leaves_the_others() {
    for half in [
        quote!(pub fn),
        quote!(pub fn put(&mut self, by: i64) -> ),
        quote!(pub async fn put(&mut self, by)),
        quote!(fn helper(&self) { self. }),
    ] {
        let item = quote!(
            impl Counter {
                pub fn good(&mut self) {}
                #half
            }
        );
        let expansion = actor(quote!(), item).to_string();
        assert!(expansion.contains("pub fn good (& self ,)"), "{expansion}");
        assert!(expansion.contains(&half.to_string()), "{expansion}");
    }
}

#[test]
fn a_half_typed_message_option_is_named() {
    method_says(
        quote!(
            #[message(priority = )]
            fn tick(&mut self) {}
        ),
        expect![[r#"
            expected a value after `priority =`
        "#]],
    );
    method_says(
        quote!(
            #[message(, concurrent)]
            async fn tick(&self) {}
        ),
        expect![[r#"
            expected an option, such as `name = value`
        "#]],
    );
    method_says(
        quote!(
            #[message(conc)]
            async fn tick(&self) {}
        ),
        expect![[r#"
            unknown option `conc`; expected one of `priority`, `concurrent`, `accept`
        "#]],
    );
}

#[test]
fn other_items_are_refused() {
    says(
        quote!(),
        quote!(
            enum Counter {
                A,
            }
        ),
        expect![[r#"
        `#[actor]` goes on a struct and on its inherent impl
        help: put it on the `struct` that holds the state, and on `impl Name { .. }`
    "#]],
    );
    says(
        quote!(),
        quote!(
            fn counter() {}
        ),
        expect![[r#"
        `#[actor]` goes on a struct and on its inherent impl
        help: put it on the `struct` that holds the state, and on `impl Name { .. }`
    "#]],
    );
    says(
        quote!(),
        quote!(impl Clone for Counter { fn clone(&self) -> Self { Self } }),
        expect![[r#"
        `#[actor]` goes on an inherent impl, and this one is of a trait
        help: write `impl Counter { .. }`
    "#]],
    );
    says(
        quote!(),
        quote!(impl [u8] { pub fn f(&self) {} }),
        expect![[r#"
        `#[actor]` needs the name of the actor's struct here
    "#]],
    );
    says(
        quote!(),
        quote!(impl Counter { fn helper(&self) {} }),
        expect![[r#"
        this actor has no messages
        help: write `pub fn name(&mut self) { .. }`, or `#[message]` above a private method
    "#]],
    );
}

#[test]
fn options_are_checked() {
    let item = || {
        quote!(
            struct Counter;
        )
    };
    says(
        quote!(mialbox = 3),
        item(),
        expect![[r#"
            unknown option `mialbox`; expected one of `mailbox`, `full`, `concurrent`, `stop_within`, `crate`
            help: did you mean `mailbox`?
        "#]],
    );
    says(
        quote!(mailbox = 0),
        item(),
        expect![[r#"
        a mailbox holds at least one message
        help: `mailbox = 1`
    "#]],
    );
    says(
        quote!(full = "wait"),
        item(),
        expect![[r#"
            `full` says what happens to a message for which there is no room
            help: `full = wait`, `reject`, `drop_newest`, `drop_oldest` or `stop`
        "#]],
    );
    says(
        quote!(full = rejcet),
        item(),
        expect![[r#"
            unknown choice `rejcet`; expected one of `wait`, `reject`, `drop_newest`, `drop_oldest`, `stop`
            help: did you mean `reject`?
        "#]],
    );
    says(
        quote!(stop_within = 5),
        item(),
        expect![[r#"
        expected a duration in quotes, with its unit
        help: `stop_within = "5s"`
    "#]],
    );
    says(
        quote!(stop_within = "5 parsecs"),
        item(),
        expect![[r#"
        expected a number and its unit: `ns`, `us`, `ms`, `s`, `min` or `h`
        help: `stop_within = "5s"`
    "#]],
    );
    says(
        quote!(stop_within = "0s"),
        item(),
        expect![[r#"
        the duration is zero
    "#]],
    );
    says(
        quote!(mailbox = 1, mailbox = 2),
        item(),
        expect![[r#"
        `mailbox` is given twice
        help: remove one of them
    "#]],
    );
    says(
        quote!(mailbox = 1),
        quote!(impl Counter { pub fn f(&self) {} }),
        expect![[r#"
        unknown option `mailbox`; expected one of `crate`
    "#]],
    );
}

#[test]
fn receivers_are_checked() {
    method_says(
        quote!(
            pub fn new(n: i64) -> Self {
                Self { n }
            }
        ),
        expect![[r#"
            a message needs `&mut self` or `&self`, and `new` has neither
            help: move it to an `impl` block without `#[actor]`; if it makes the actor, write `#[init]`
        "#]],
    );
    method_says(
        quote!(
            pub fn finish(self) {}
        ),
        expect![[r#"
        a message borrows the actor, which goes on afterwards
        help: write `&mut self` or `&self`
    "#]],
    );
    method_says(
        quote!(
            pub fn finish(self: Box<Self>) {}
        ),
        expect![[r#"
        a message borrows the actor, which goes on afterwards
        help: write `&mut self` or `&self`
    "#]],
    );
}

#[test]
fn arguments_are_checked() {
    method_says(
        quote!(
            pub fn name(&mut self, name: &str) {}
        ),
        expect![[r#"
        an argument of a message is owned: it outlives the call
        help: take a `String`
    "#]],
    );
    method_says(
        quote!(
            pub fn data(&mut self, data: &[u8], more: &'static [u8]) {}
        ),
        expect![[r#"
        an argument of a message is owned: it outlives the call
        help: take a `Vec<u8>`
    "#]],
    );
    method_says(
        quote!(
            pub fn pair(&mut self, (a, b): (u8, u8)) {}
        ),
        expect![[r#"
        an argument of a message has a name: callers see it
        help: take it apart in the body
    "#]],
    );
    method_says(
        quote!(
            pub fn any(&mut self, any: impl Fn()) {}
        ),
        expect![[r#"
        an argument of a message has a named type: the mailbox holds it
        help: name the type, or use a `Box<dyn ..>`
    "#]],
    );
    method_says(
        quote!(
            pub fn early(&mut self, cx: &mut Cx<Self>, n: u8) {}
        ),
        expect![[r#"
        the context comes last
    "#]],
    );
    method_says(
        quote!(
            pub fn generic<T: Send>(&mut self, value: T) {}
        ),
        expect![[r#"
        a message cannot be generic: the mailbox holds one type
        help: name the types, or make the actor generic
    "#]],
    );
    method_says(
        quote!(
            pub fn lent(&self) -> &str {
                ""
            }
        ),
        expect![[r#"
        a reply is owned: it leaves the actor
        help: return a `String`
    "#]],
    );
    method_says(
        quote!(
            pub fn some(&self) -> impl Iterator {
                []
            }
        ),
        expect![[r#"
        a reply has a named type: the caller waits for it
        help: name the type, or use a `Box<dyn ..>`
    "#]],
    );
    method_says(
        quote!(
            pub unsafe fn dangerous(&self) {}
        ),
        expect![[r#"
        a message cannot be `unsafe`
    "#]],
    );
}

#[test]
fn names_are_checked() {
    method_says(
        quote!(
            pub fn stop(&mut self) {}
        ),
        expect![[r#"
        a message cannot be called `stop`: every handle has a method of that name
        help: choose another name
    "#]],
    );
    method_says(
        quote!(
            pub fn id(&self) -> u32 {
                1
            }
        ),
        expect![[r#"
        a message cannot be called `id`: every handle has a method of that name
        help: choose another name
    "#]],
    );
    // Not of the handle.
    method_says(
        quote!(
            fn stop(&mut self) {}
        ),
        expect![[""]],
    );
}

#[test]
fn helpers_are_checked() {
    method_says(
        quote!(
            #[mesage]
            fn tick(&mut self) {}
        ),
        expect![[r#"
        unknown attribute `mesage` on a method of an actor
        help: did you mean `#[message]`?
    "#]],
    );
    method_says(
        quote!(
            #[on_strat]
            fn up(&mut self) {}
        ),
        expect![[r#"
        unknown attribute `on_strat` on a method of an actor
        help: did you mean `#[on_start]`?
    "#]],
    );
    method_says(
        quote!(
            #[message]
            #[on_stop]
            fn down(&mut self) {}
        ),
        expect![[r#"
        a method of an actor has one of these attributes at most
    "#]],
    );
    method_says(
        quote!(
            #[message(now)]
            fn tick(&mut self) {}
        ),
        expect![[r#"
            unknown option `now`; expected one of `priority`, `concurrent`, `accept`
        "#]],
    );
    method_says(
        quote!(
            #[message = "high"]
            fn tick(&mut self) {}
        ),
        expect![[r#"
            the options of `#[message]` are in parentheses
            help: `#[message(priority = high)]`
        "#]],
    );
    method_says(
        quote!(
            #[on_stop(now)]
            fn tick(&mut self) {}
        ),
        expect![[r#"
            `#[on_stop]` takes no options
            help: write only `#[on_stop]`
        "#]],
    );
    method_says(
        quote!(
            #[message(priority)]
            fn tick(&mut self) {}
            #[message(priority = hihg)]
            fn tock(&mut self) {}
            #[message(priority = 3)]
            fn tuck(&mut self) {}
            #[message(prority = low)]
            fn tack(&mut self) {}
        ),
        expect![[r#"
            `priority` needs a value
            help: `priority = high`
            unknown priority `hihg`; expected one of `high`, `normal`, `low`
            `priority` says which messages are handled before the others
            help: `priority = high` or `priority = low`
            unknown option `prority`; expected one of `priority`, `concurrent`, `accept`
            help: did you mean `priority`?
        "#]],
    );
    method_says(
        quote!(
            #[init]
            fn new(&self) -> Self {
                Self
            }
        ),
        expect![[r#"
            an `#[init]` method makes the actor, so there is no `self` yet
            help: write `fn new() -> Self`
        "#]],
    );
    method_says(
        quote!(
            #[init]
            fn new() {}
        ),
        expect![[r#"
            an `#[init]` method returns the actor
            help: write `-> Self` or `-> Result<Self, E>`
        "#]],
    );
    method_says(
        quote!(
            #[every]
            fn tick(&mut self) {}
        ),
        expect![[r#"
        `#[every]` needs an interval
        help: `#[every("1s")]`
    "#]],
    );
    method_says(
        quote!(
            #[every("often")]
            fn tick(&mut self) {}
        ),
        expect![[r#"
        expected a number and its unit: `ns`, `us`, `ms`, `s`, `min` or `h`
        help: `#[every("1s")]`
    "#]],
    );
    method_says(
        quote!(
            #[every("1s")]
            fn tick(&mut self, n: u8) {}
        ),
        expect![[r#"
        an `#[every]` method takes no arguments: nobody gives them
        help: write `fn tick(&mut self)`
    "#]],
    );
    method_says(
        quote!(
            #[on_stop]
            fn down(&mut self, why: StopReason, more: u8) {}
        ),
        expect![[r#"
        an `#[on_stop]` method takes other arguments
        help: write `fn down(&mut self, why: StopReason)`
    "#]],
    );
    method_says(
        quote!(
            #[on_start]
            fn a(&mut self) {}
            #[on_start]
            fn b(&mut self) {}
        ),
        expect![[r#"
        an actor has one `#[on_start]` method at most
    "#]],
    );
}
