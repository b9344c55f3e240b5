//! Methods that the runtime calls.

use expect_test::expect;
use quote::quote;

use super::{becomes, method_says};

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
