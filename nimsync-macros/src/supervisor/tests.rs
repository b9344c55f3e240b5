use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;

use super::supervisor;
use crate::snapshot;

fn says(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::messages(supervisor(options, item), expected);
}

#[test]
fn fields_become_children() {
    snapshot::items(
        supervisor(
            quote!(
                strategy = rest_for_one,
                restarts = 4,
                within = "10s",
                backoff = "100ms..10s",
                crate = crate::here
            ),
            quote!(
                /// The whole of it.
                pub struct App {
                    #[child(init("here", 5), lifetime = transient)]
                    db: Db,
                    /// They work.
                    #[child(count = 4)]
                    workers: Worker,
                    #[child(count = SHARDS, route = key, init(db.clone()))]
                    shards: Shard<u8>,
                }
            ),
        ),
        expect![[r#"
            /// The whole of it.
            pub struct App {
                db: <Db as crate::here::actor::Declare>::Held,
                /// They work.
                workers: crate::here::actor::Pool<<Worker as crate::here::actor::Declare>::Held>,
                shards: crate::here::actor::Pool<<Shard<u8> as crate::here::actor::Declare>::Held>,
                __tree: crate::here::actor::Tree,
            }
            #[automatically_derived]
            #[allow(dead_code, trivial_bounds)]
            impl App
            where
                for<'granted> Db: crate::here::actor::Declare,
                for<'granted> Worker: crate::here::actor::Declare,
                for<'granted> Shard<u8>: crate::here::actor::Declare,
            {
                /// Starts the children, one after the other, in a system of their own that belongs to
                /// the calling task.
                ///
                /// # Errors
                ///
                /// The failure of the first one that does not start.
                pub async fn start() -> ::core::result::Result<Self, crate::here::actor::Failure> {
                    let __system = crate::here::actor::ActorSystem::new();
                    let mut this = Self::start_in(&__system).await?;
                    this.__tree.own(__system);
                    ::core::result::Result::Ok(this)
                }
                /// Starts the children, one after the other, in a system.
                ///
                /// # Errors
                ///
                /// The failure of the first one that does not start.
                pub async fn start_in(
                    __system: &crate::here::actor::ActorSystem,
                ) -> ::core::result::Result<Self, crate::here::actor::Failure> {
                    let text = ::core::stringify!(App);
                    let (this, above) = Self::__declare(__system, text);
                    above.start().await?;
                    ::core::result::Result::Ok(this)
                }
                /// Stops the children, the last one first.
                ///
                /// # Errors
                ///
                /// If the supervisor has failed.
                pub async fn stop(self) -> ::core::result::Result<(), crate::here::GroupError> {
                    self.__tree.stop().await
                }
                /// Returns the supervisor, to stop it or to wait for its end.
                pub fn supervised(&self) -> &crate::here::actor::Supervised {
                    self.__tree.supervised()
                }
                /// Returns the child `db`.
                pub fn db(&self) -> &<Db as crate::here::actor::Declare>::Held {
                    &self.db
                }
                /// They work.
                pub fn workers(&self) -> &<Worker as crate::here::actor::Declare>::Held {
                    self.workers.next()
                }
                /// Returns the child `shards`.
                pub fn shards(
                    &self,
                    key: &(impl ::core::hash::Hash + ?::core::marker::Sized),
                ) -> &<Shard<u8> as crate::here::actor::Declare>::Held {
                    self.shards.by_key(key)
                }
                #[doc(hidden)]
                fn __declare<'a>(
                    __system: &'a crate::here::actor::ActorSystem,
                    text: impl ::core::convert::Into<::std::sync::Arc<::core::primitive::str>>,
                ) -> (Self, crate::here::actor::Supervisor<'a>) {
                    let mut supervisor = __system
                        .supervisor(crate::here::actor::Strategy::RestForOne)
                        .named(text)
                        .restarts(4, ::core::time::Duration::new(10u64, 0u32))
                        .backoff(
                            ::core::time::Duration::new(0u64, 100000000u32),
                            ::core::time::Duration::new(10u64, 0u32),
                        );
                    let db = {
                        <Db as crate::here::actor::Declare>::declare(
                            &mut supervisor,
                            crate::here::actor::ChildSpec::new(
                                "db",
                                crate::here::actor::Lifetime::Transient,
                            ),
                            move || { ("here", 5) },
                        )
                    };
                    let workers = crate::here::actor::Pool::new(
                        (0..4)
                            .map(|__number: usize| {
                                <Worker as crate::here::actor::Declare>::declare(
                                    &mut supervisor,
                                    crate::here::actor::ChildSpec::new(
                                        ::std::format!("workers {}", __number),
                                        crate::here::actor::Lifetime::Permanent,
                                    ),
                                    move || (),
                                )
                            })
                            .collect(),
                    );
                    let shards = crate::here::actor::Pool::new(
                        (0..SHARDS)
                            .map(|__number: usize| {
                                #[allow(unused_variables)]
                                let db = ::core::clone::Clone::clone(&db);
                                <Shard<
                                    u8,
                                > as crate::here::actor::Declare>::declare(
                                    &mut supervisor,
                                    crate::here::actor::ChildSpec::new(
                                        ::std::format!("shards {}", __number),
                                        crate::here::actor::Lifetime::Permanent,
                                    ),
                                    move || {
                                        #[allow(unused_variables)]
                                        let db = ::core::clone::Clone::clone(&db);
                                        (db.clone(),)
                                    },
                                )
                            })
                            .collect(),
                    );
                    let __tree = crate::here::actor::Tree::of(&supervisor);
                    (
                        Self {
                            db,
                            workers,
                            shards,
                            __tree,
                        },
                        supervisor,
                    )
                }
            }
            #[automatically_derived]
            #[allow(trivial_bounds)]
            impl crate::here::actor::Declare for App
            where
                for<'granted> Db: crate::here::actor::Declare,
                for<'granted> Worker: crate::here::actor::Declare,
                for<'granted> Shard<u8>: crate::here::actor::Declare,
            {
                type Held = Self;
                type Args = ();
                #[track_caller]
                fn declare(
                    above: &mut crate::here::actor::Supervisor<'_>,
                    spec: crate::here::actor::ChildSpec,
                    mut given: impl ::core::ops::FnMut(
                    ) -> Self::Args + ::core::marker::Send + 'static,
                ) -> Self {
                    let () = given();
                    let text = spec.name().to_owned();
                    let (this, below) = Self::__declare(above.system(), text);
                    above.supervise(spec.lifetime(), below);
                    this
                }
            }
            /// A clone has the same children. It does not own their system.
            #[automatically_derived]
            #[allow(trivial_bounds)]
            impl ::core::clone::Clone for App
            where
                for<'granted> Db: crate::here::actor::Declare,
                for<'granted> Worker: crate::here::actor::Declare,
                for<'granted> Shard<u8>: crate::here::actor::Declare,
            {
                fn clone(&self) -> Self {
                    Self {
                        db: ::core::clone::Clone::clone(&self.db),
                        workers: ::core::clone::Clone::clone(&self.workers),
                        shards: ::core::clone::Clone::clone(&self.shards),
                        __tree: ::core::clone::Clone::clone(&self.__tree),
                    }
                }
            }
        "#]],
    );
}

#[test]
fn arguments_go_to_each_child_and_options_to_its_actor() {
    snapshot::items(
        supervisor(
            quote!(),
            quote!(
                struct App {
                    /// Where it is.
                    #[arg]
                    place: String,
                    #[child(init(place,), mailbox = 128, full = reject, stop_within = "2s")]
                    db: Db,
                }
            ),
        ),
        expect![[r#"
            struct App {
                /// Where it is.
                #[allow(dead_code)]
                place: String,
                db: <Db as ::nimsync::actor::Declare>::Held,
                __tree: ::nimsync::actor::Tree,
            }
            #[automatically_derived]
            #[allow(dead_code, trivial_bounds)]
            impl App
            where
                for<'granted> Db: ::nimsync::actor::Declare,
            {
                /// Starts the children, one after the other, in a system of their own that belongs to
                /// the calling task.
                ///
                /// # Errors
                ///
                /// The failure of the first one that does not start.
                async fn start(
                    place: String,
                ) -> ::core::result::Result<Self, ::nimsync::actor::Failure> {
                    let __system = ::nimsync::actor::ActorSystem::new();
                    let mut this = Self::start_in(&__system, place).await?;
                    this.__tree.own(__system);
                    ::core::result::Result::Ok(this)
                }
                /// Starts the children, one after the other, in a system.
                ///
                /// # Errors
                ///
                /// The failure of the first one that does not start.
                async fn start_in(
                    __system: &::nimsync::actor::ActorSystem,
                    place: String,
                ) -> ::core::result::Result<Self, ::nimsync::actor::Failure> {
                    let text = ::core::stringify!(App);
                    let (this, above) = Self::__declare(__system, text, place);
                    above.start().await?;
                    ::core::result::Result::Ok(this)
                }
                /// Stops the children, the last one first.
                ///
                /// # Errors
                ///
                /// If the supervisor has failed.
                async fn stop(self) -> ::core::result::Result<(), ::nimsync::GroupError> {
                    self.__tree.stop().await
                }
                /// Returns the supervisor, to stop it or to wait for its end.
                fn supervised(&self) -> &::nimsync::actor::Supervised {
                    self.__tree.supervised()
                }
                /// Returns the child `db`.
                fn db(&self) -> &<Db as ::nimsync::actor::Declare>::Held {
                    &self.db
                }
                #[doc(hidden)]
                fn __declare<'a>(
                    __system: &'a ::nimsync::actor::ActorSystem,
                    text: impl ::core::convert::Into<::std::sync::Arc<::core::primitive::str>>,
                    place: String,
                ) -> (Self, ::nimsync::actor::Supervisor<'a>) {
                    let mut supervisor = __system
                        .supervisor(::nimsync::actor::Strategy::OneForOne)
                        .named(text);
                    let db = {
                        #[allow(unused_variables)]
                        let place = ::core::clone::Clone::clone(&place);
                        <Db as ::nimsync::actor::Declare>::declare(
                            &mut supervisor,
                            ::nimsync::actor::ChildSpec::new(
                                    "db",
                                    ::nimsync::actor::Lifetime::Permanent,
                                )
                                .options({
                                    #[allow(unused_imports)]
                                    use ::nimsync::actor::Full;
                                    <Db as ::nimsync::actor::Actor>::OPTIONS
                                        .mailbox(128)
                                        .full(Full::Reject)
                                        .stop_within(::core::time::Duration::new(2u64, 0u32))
                                }),
                            move || {
                                #[allow(unused_variables)]
                                let place = ::core::clone::Clone::clone(&place);
                                (place,)
                            },
                        )
                    };
                    let __tree = ::nimsync::actor::Tree::of(&supervisor);
                    (Self { place, db, __tree }, supervisor)
                }
            }
            #[automatically_derived]
            #[allow(trivial_bounds)]
            impl ::nimsync::actor::Declare for App
            where
                for<'granted> Db: ::nimsync::actor::Declare,
            {
                type Held = Self;
                type Args = (String,);
                #[track_caller]
                fn declare(
                    above: &mut ::nimsync::actor::Supervisor<'_>,
                    spec: ::nimsync::actor::ChildSpec,
                    mut given: impl ::core::ops::FnMut(
                    ) -> Self::Args + ::core::marker::Send + 'static,
                ) -> Self {
                    let (place,) = given();
                    let text = spec.name().to_owned();
                    let (this, below) = Self::__declare(above.system(), text, place);
                    above.supervise(spec.lifetime(), below);
                    this
                }
            }
            /// A clone has the same children. It does not own their system.
            #[automatically_derived]
            #[allow(trivial_bounds)]
            impl ::core::clone::Clone for App
            where
                for<'granted> Db: ::nimsync::actor::Declare,
            {
                fn clone(&self) -> Self {
                    Self {
                        place: ::core::clone::Clone::clone(&self.place),
                        db: ::core::clone::Clone::clone(&self.db),
                        __tree: ::core::clone::Clone::clone(&self.__tree),
                    }
                }
            }
        "#]],
    );
}

#[test]
fn items_are_checked() {
    says(
        quote!(),
        quote!(
            enum App {}
        ),
        expect![[r#"
            `#[supervisor]` goes on a struct with named fields: its children
            help: write `struct App { #[child] db: Db }`
        "#]],
    );
    says(
        quote!(),
        quote!(
            struct App(Db);
        ),
        expect![[r#"
            `#[supervisor]` goes on a struct with named fields: its children
            help: write `struct App { #[child] db: Db }`
        "#]],
    );
    says(
        quote!(),
        quote!(
            struct App {}
        ),
        expect![[r#"
            this supervisor has no children
            help: write `#[child] db: Db` for each
        "#]],
    );
    says(
        quote!(),
        quote!(
            struct App<T> {
                #[child]
                db: T,
            }
        ),
        expect![[r#"
            a supervisor cannot be generic
        "#]],
    );
    says(
        quote!(),
        quote!(
            struct App {
                db: Db,
            }
        ),
        expect![[r#"
            every field of a supervisor is a child or an argument, and `db` is not marked as either
            help: write `#[child]` or `#[arg]` above `db`
        "#]],
    );
    says(
        quote!(),
        quote!(
            struct App {
                #[child]
                stop: Db,
            }
        ),
        expect![[r#"
            a child cannot be called `stop`: every supervisor has a method of that name
            help: choose another name
        "#]],
    );
    says(
        quote!(),
        quote!(
            struct App {
                #[serde(skip)]
                #[child]
                db: Db,
            }
        ),
        expect![[r#"
            a child has the attribute `#[child]` and documentation only
        "#]],
    );
    says(
        quote!(),
        quote!(
            struct App {
                #[arg(5)]
                size: usize,
                #[arg]
                #[child]
                db: Db,
            }
        ),
        expect![[r#"
            an argument has the attribute `#[arg]` and documentation only
            an argument has the attribute `#[arg]` and documentation only
        "#]],
    );
}

#[test]
fn options_are_checked() {
    let item = || {
        quote!(
            struct App {
                #[child]
                db: Db,
            }
        )
    };
    says(
        quote!(strategie = one_for_one),
        item(),
        expect![[r#"
        unknown option `strategie`; expected one of `strategy`, `restarts`, `within`, `backoff`, `crate`
        help: did you mean `strategy`?
    "#]],
    );
    says(
        quote!(strategy = one_for_al),
        item(),
        expect![[r#"
        unknown choice `one_for_al`; expected one of `one_for_one`, `one_for_all`, `rest_for_one`
        help: did you mean `one_for_all`?
    "#]],
    );
    says(
        quote!(within = 5),
        item(),
        expect![[r#"
        expected a duration in quotes, with its unit
        help: `within = "5s"`
    "#]],
    );
    says(
        quote!(backoff = "5s"),
        item(),
        expect![[r#"
        expected the first and the longest wait, each with its unit
        help: `backoff = "100ms..10s"`
    "#]],
    );
    says(
        quote!(backoff = "5s..1s"),
        item(),
        expect![[r#"
        the first wait is the shortest
    "#]],
    );
    let child = |options: TokenStream| {
        quote!(
            struct App {
                #[child(#options)]
                db: Db,
            }
        )
    };
    says(
        quote!(),
        child(quote!(cuont = 4)),
        expect![[r#"
            unknown option `cuont`; expected one of `init`, `lifetime`, `count`, `route`, `mailbox`, `full`, `stop_within`
        "#]],
    );
    says(
        quote!(),
        child(quote!(count = 0)),
        expect![[r#"
        there is at least one
    "#]],
    );
    says(
        quote!(),
        child(quote!(route = key)),
        expect![[r#"
        `route` says which of several children is meant, and there is one
        help: add `count = 4`, or remove `route`
    "#]],
    );
    says(
        quote!(),
        child(quote!(count = 2, route = keys)),
        expect![[r#"
            unknown choice `keys`; expected one of `round_robin`, `key`
            help: did you mean `key`?
        "#]],
    );
    says(
        quote!(),
        child(quote!(lifetime = eternal)),
        expect![[r#"
        unknown choice `eternal`; expected one of `permanent`, `transient`, `temporary`
    "#]],
    );
    says(
        quote!(),
        child(quote!(
            mailbox = 0,
            full = never,
            stop_within = 2,
            restart = transient
        )),
        expect![[r#"
            unknown option `restart`; expected one of `init`, `lifetime`, `count`, `route`, `mailbox`, `full`, `stop_within`
            a mailbox holds at least one message
            help: `mailbox = 1`
            unknown choice `never`; expected one of `wait`, `reject`, `drop_newest`, `drop_oldest`, `stop`
            expected a duration in quotes, with its unit
            help: `stop_within = "5s"`
        "#]],
    );
    says(
        quote!(),
        child(quote!(init)),
        expect![[r#"
        `init` needs a list in parentheses
        help: `init(..)`
    "#]],
    );
}
