//! An impl and its messages.

use expect_test::expect;
use quote::quote;

use super::{becomes, method_says, says};

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
                #[allow(trivial_bounds, clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Counter
                where
                    for<'granted> Counter: ::nimsync::actor::Actor,
                    for<'granted> __CounterMessage: ::nimsync::actor::Message,
                {
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
                #[allow(trivial_bounds, clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Counter
                where
                    for<'granted> Counter: ::nimsync::actor::Actor,
                    for<'granted> __CounterMessage: ::nimsync::actor::Message,
                {
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
                #[allow(trivial_bounds, clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Counter
                where
                    for<'granted> Counter: ::nimsync::actor::Actor,
                    for<'granted> __CounterMessage: ::nimsync::actor::Message,
                {
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
                #[allow(trivial_bounds, clippy::unit_arg, clippy::let_unit_value)]
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
