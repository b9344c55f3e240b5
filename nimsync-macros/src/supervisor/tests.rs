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
                    #[child(count = SHARDS, route = key)]
                    shards: Shard<u8>,
                }
            ),
        ),
        expect![[r#"
            /// The whole of it.
            pub struct App {
                db: <Db as crate::here::actor::Actor>::Handle,
                /// They work.
                workers: crate::here::actor::Pool<<Worker as crate::here::actor::Actor>::Handle>,
                shards: crate::here::actor::Pool<<Shard<u8> as crate::here::actor::Actor>::Handle>,
                __supervised: crate::here::actor::Supervised,
                __system: crate::here::actor::ActorSystem,
            }
            #[automatically_derived]
            #[allow(dead_code)]
            impl App {
                /// Starts the children, one after the other, in the calling task.
                ///
                /// # Errors
                ///
                /// The failure of the first one that does not start.
                pub async fn start() -> ::core::result::Result<Self, crate::here::actor::Failure> {
                    let __system = crate::here::actor::ActorSystem::new();
                    let mut supervisor = __system
                        .supervisor(crate::here::actor::Strategy::RestForOne)
                        .restarts(4, ::core::time::Duration::new(10u64, 0u32))
                        .backoff(
                            ::core::time::Duration::new(0u64, 100000000u32),
                            ::core::time::Duration::new(10u64, 0u32),
                        );
                    let db = supervisor
                        .named_child::<
                            Db,
                            _,
                            _,
                        >(
                            "db",
                            crate::here::actor::Lifetime::Transient,
                            || <Db as crate::here::actor::Init>::init(("here", 5)),
                        );
                    let workers = crate::here::actor::Pool::new(
                        (0..4)
                            .map(|number: usize| {
                                supervisor
                                    .named_child::<
                                        Worker,
                                        _,
                                        _,
                                    >(
                                        ::std::format!("workers {}", number),
                                        crate::here::actor::Lifetime::Permanent,
                                        || <Worker as crate::here::actor::Init>::init(()),
                                    )
                            })
                            .collect(),
                    );
                    let shards = crate::here::actor::Pool::new(
                        (0..SHARDS)
                            .map(|number: usize| {
                                supervisor
                                    .named_child::<
                                        Shard<u8>,
                                        _,
                                        _,
                                    >(
                                        ::std::format!("shards {}", number),
                                        crate::here::actor::Lifetime::Permanent,
                                        || <Shard<u8> as crate::here::actor::Init>::init(()),
                                    )
                            })
                            .collect(),
                    );
                    let __supervised = supervisor.start().await?;
                    ::core::result::Result::Ok(Self {
                        db,
                        workers,
                        shards,
                        __supervised,
                        __system,
                    })
                }
                /// Stops the children, the last one first.
                ///
                /// # Errors
                ///
                /// If the supervisor has failed.
                pub async fn stop(self) -> ::core::result::Result<(), crate::here::GroupError> {
                    crate::here::actor::ActorSystem::stop(self.__system).await
                }
                /// Returns the handle of the child `db`.
                pub fn db(&self) -> &<Db as crate::here::actor::Actor>::Handle {
                    &self.db
                }
                /// They work.
                pub fn workers(&self) -> &<Worker as crate::here::actor::Actor>::Handle {
                    self.workers.next()
                }
                /// Returns the handle of the child `shards`.
                pub fn shards(
                    &self,
                    key: &(impl ::core::hash::Hash + ?::core::marker::Sized),
                ) -> &<Shard<u8> as crate::here::actor::Actor>::Handle {
                    self.shards.by_key(key)
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
            every field of a supervisor is a child, and `db` is not marked as one
            help: write `#[child]` above `db`
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
        unknown option `cuont`; expected one of `init`, `lifetime`, `count`, `route`
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
        child(quote!(init)),
        expect![[r#"
        `init` needs a list in parentheses
        help: `init(..)`
    "#]],
    );
}
