//! Messages that answer by their `Reply`.

use expect_test::expect;
use quote::quote;

use super::{becomes, method_says};

#[test]
fn a_message_may_be_given_its_reply() {
    becomes(
        quote!(),
        quote!(
            impl Desk {
                #[message]
                fn queue(&mut self, n: u32, reply: Reply<Result<u32, E>>, cx: &mut Cx<Self>) {}

                #[message(concurrent)]
                async fn beside(&self, reply: nimsync::actor::Reply<u8>) {}

                // It is some type of the user's.
                #[message]
                fn other(&mut self, reply: Reply) {}
            }
        ),
        expect![[r#"
            impl Desk {
                fn queue(&mut self, n: u32, reply: Reply<Result<u32, E>>, cx: &mut Cx<Self>) {}
                async fn beside(&self, reply: nimsync::actor::Reply<u8>) {}
                fn other(&mut self, reply: Reply) {}
            }
            const _: () = {
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_0()
                where
                    u32: ::nimsync::actor::check::Argument,
                {}
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_1()
                where
                    Result<u32, E>: ::nimsync::actor::check::Answer,
                {}
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_2()
                where
                    u8: ::nimsync::actor::check::Answer,
                {}
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_3()
                where
                    Reply: ::nimsync::actor::check::Argument,
                {}
                #[allow(dead_code, trivial_bounds)]
                fn __assertion_4()
                where
                    Desk: ::nimsync::actor::check::Shared,
                {}
                #[allow(
                    non_camel_case_types,
                    missing_docs,
                    unreachable_pub,
                    clippy::large_enum_variant
                )]
                pub enum __DeskMessage {
                    queue((u32,), ::nimsync::actor::Reply<Result<u32, E>>),
                    beside((), ::nimsync::actor::Reply<u8>),
                    other((Reply,), ::nimsync::actor::Reply<()>),
                }
                #[automatically_derived]
                #[diagnostic::do_not_recommend]
                impl ::nimsync::actor::Message for __DeskMessage {
                    fn name(&self) -> &'static str {
                        match self {
                            Self::queue(..) => "queue",
                            Self::beside(..) => "beside",
                            Self::other(..) => "other",
                        }
                    }
                    fn refuse(self, why: ::nimsync::actor::Refusal) -> bool {
                        match self {
                            Self::queue(_, reply) => reply.refuse(why),
                            Self::beside(_, reply) => reply.refuse(why),
                            Self::other(_, reply) => reply.refuse(why),
                        }
                    }
                    fn is_concurrent(&self) -> bool {
                        match self {
                            Self::beside(..) => true,
                            #[allow(unreachable_patterns)]
                            _ => false,
                        }
                    }
                }
                #[automatically_derived]
                #[allow(trivial_bounds, clippy::unit_arg, clippy::let_unit_value)]
                impl ::nimsync::actor::Messages for Desk
                where
                    for<'granted> Desk: ::nimsync::actor::Actor,
                    for<'granted> __DeskMessage: ::nimsync::actor::Message,
                {
                    type Message = __DeskMessage;
                    async fn dispatch(
                        &mut self,
                        message: Self::Message,
                        #[allow(unused_variables)]
                        cx: &mut ::nimsync::actor::Cx<Self>,
                    ) {
                        match message {
                            __DeskMessage::queue((n,), reply) => Self::queue(self, n, reply, cx),
                            concurrent @ __DeskMessage::beside(..) => {
                                if let ::core::result::Result::Err(what) = self
                                    .dispatch_concurrent(concurrent)
                                    .await
                                {
                                    cx.fail(what);
                                }
                            }
                            __DeskMessage::other((reply,), reply) => {
                                let value = Self::other(self, reply);
                                reply.send(value);
                            }
                        }
                    }
                    async fn dispatch_concurrent(
                        &self,
                        message: Self::Message,
                    ) -> ::core::result::Result<(), ::std::string::String> {
                        match message {
                            __DeskMessage::beside((), reply) => {
                                Self::beside(self, reply).await;
                                ::core::result::Result::Ok(())
                            }
                            #[allow(unreachable_patterns)]
                            _ => ::core::unreachable!(),
                        }
                    }
                }
                #[automatically_derived]
                impl DeskHandle {
                    #[allow(dead_code)]
                    #[inline]
                    fn queue(
                        &self,
                        n: u32,
                    ) -> ::nimsync::actor::Call<
                        '_,
                        Desk,
                        ::nimsync::actor::Fallible<Result<u32, E>>,
                        (u32,),
                    > {
                        ::nimsync::actor::Call::new(
                            self,
                            (n,),
                            __DeskMessage::queue,
                            |message| match message {
                                __DeskMessage::queue(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                    #[allow(dead_code)]
                    #[inline]
                    fn beside(
                        &self,
                    ) -> ::nimsync::actor::Call<'_, Desk, ::nimsync::actor::Plain<u8>, ()> {
                        ::nimsync::actor::Call::new(
                            self,
                            (),
                            __DeskMessage::beside,
                            |message| match message {
                                __DeskMessage::beside(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                    #[allow(dead_code)]
                    #[inline]
                    fn other(
                        &self,
                        reply: Reply,
                    ) -> ::nimsync::actor::Call<'_, Desk, ::nimsync::actor::Plain<()>, (Reply,)> {
                        ::nimsync::actor::Call::new(
                            self,
                            (reply,),
                            __DeskMessage::other,
                            |message| match message {
                                __DeskMessage::other(arguments, _) => arguments,
                                #[allow(unreachable_patterns)]
                                _ => ::core::unreachable!(),
                            },
                        )
                    }
                }
                #[automatically_derived]
                impl ::nimsync::actor::Accepts<u32> for Desk {
                    fn accept(argument: u32) -> Self::Message {
                        __DeskMessage::queue((argument,), ::nimsync::actor::Reply::unasked())
                    }
                    fn hand_back(message: Self::Message) -> u32 {
                        match message {
                            __DeskMessage::queue((argument,), _) => argument,
                            #[allow(unreachable_patterns)]
                            _ => ::core::unreachable!(),
                        }
                    }
                }
                #[automatically_derived]
                impl ::nimsync::actor::Accepts<Reply> for Desk {
                    fn accept(argument: Reply) -> Self::Message {
                        __DeskMessage::other((argument,), ::nimsync::actor::Reply::unasked())
                    }
                    fn hand_back(message: Self::Message) -> Reply {
                        match message {
                            __DeskMessage::other((argument,), _) => argument,
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
fn replies_are_checked() {
    method_says(
        quote!(
            pub fn both(&mut self, reply: Reply<u32>) -> u32 {}
        ),
        expect![[r#"
            a message that is given its reply answers by that, and returns nothing
            help: remove the return type, or the `Reply`
        "#]],
    );
    method_says(
        quote!(
            pub fn not_last(&mut self, reply: Reply<u32>, n: u32) {}
        ),
        expect![[r#"
            the `Reply` comes last, but for the context: callers do not see it
        "#]],
    );
    method_says(
        quote!(
            pub fn two(&mut self, one: Reply<u32>, other: Reply<u32>) {}
        ),
        expect![[r#"
            a message has one reply
            help: to hand on that of another message, put it into a struct
        "#]],
    );
    method_says(
        quote!(
            pub fn borrows(&mut self, reply: Reply<&str>) {}
        ),
        expect![[r#"
            a reply is owned: it leaves the actor
            help: return a `String`
        "#]],
    );
    method_says(
        quote!(
            #[every("1s")]
            fn beat(&mut self, reply: Reply<()>) {}
        ),
        expect![[r#"
            an `#[every]` method takes no arguments: nobody gives them
            help: write `fn beat(&mut self)`
        "#]],
    );
}
