//! Messages that are accepted by the type of their argument.

use expect_test::expect;
use proc_macro2::TokenStream;
use quote::quote;

use super::super::actor;
use super::{becomes, method_says};

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
