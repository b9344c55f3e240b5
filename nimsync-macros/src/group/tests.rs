use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;

use super::task_group;
use crate::snapshot;

fn expands(input: TokenStream, expected: Expect) {
    snapshot::expression(task_group(&quote!(::nimsync), input), expected);
}

fn says(input: TokenStream, expected: Expect) {
    snapshot::messages(task_group(&quote!(::nimsync), input), expected);
}

#[test]
fn body_with_a_value_stays_as_it_is() {
    expands(
        quote!(|g| {
            let a = g.spawn(work());
            a.await
        }),
        expect![[r#"
            async {
                let __anchor = ::nimsync::__private::open(::nimsync::__private::Options::new());
                let __core = ::nimsync::__private::Core::new(&__anchor);
                let g = __core.group();
                __core
                    .drive(async {
                        let a = g.spawn(work());
                        a.await
                    })
                    .await
            }
        "#]],
    );
}

#[test]
fn body_may_be_an_expression() {
    expands(
        quote!(|g| feed::<u8, u8>(g).await,),
        expect![[r#"
        async {
            let __anchor = ::nimsync::__private::open(::nimsync::__private::Options::new());
            let __core = ::nimsync::__private::Core::new(&__anchor);
            let g = __core.group();
            __core.drive(async { feed::<u8, u8>(g).await }).await
        }
    "#]],
    );
    expands(
        quote!(|_| ready()),
        expect![[r#"
        async {
            let __anchor = ::nimsync::__private::open(::nimsync::__private::Options::new());
            let __core = ::nimsync::__private::Core::new(&__anchor);
            let _ = __core.group();
            __core.drive(async { ready() }).await
        }
    "#]],
    );
}

#[test]
fn options_become_calls() {
    expands(
        quote!(
            policy = collect_errors,
            limit = 8,
            timeout = 2.seconds(),
            name = "x",
            eager,
            |g| { feed(g).await }
        ),
        expect![[r#"
            async {
                let __anchor = ::nimsync::__private::open(
                    ::nimsync::__private::Options::new()
                        .policy(::nimsync::Policy::CollectErrors)
                        .limit(8)
                        .timeout(2.seconds())
                        .name("x")
                        .eager(),
                );
                let __core = ::nimsync::__private::Core::new(&__anchor);
                let g = __core.group();
                __core.drive(async { feed(g).await }).await
            }
        "#]],
    );
    expands(
        quote!(policy = quorum(2), deadline = at, grace = soon(), |g| {
            feed(g).await
        }),
        expect![[r#"
            async {
                let __anchor = ::nimsync::__private::open(
                    ::nimsync::__private::Options::new()
                        .policy(::nimsync::Policy::Quorum(2))
                        .deadline(at)
                        .grace(soon()),
                );
                let __core = ::nimsync::__private::Core::new(&__anchor);
                let g = __core.group();
                __core.drive(async { feed(g).await }).await
            }
        "#]],
    );
}

#[test]
fn owned_values_move_in() {
    expands(
        quote!(own(rows, db), limit = 2, |g| { feed(g, rows, db).await }),
        expect![[r#"
            ::nimsync::__private::run_owned(
                ::nimsync::__private::Options::new().limit(2),
                (rows, db),
                |__env, g| {
                    ::std::boxed::Box::pin(async move {
                        let (rows, db) = __env;
                        #[allow(unused_braces)] { feed(g, rows, db).await }
                    })
                },
            )
        "#]],
    );
    expands(
        quote!(own(rows), |g| {}),
        expect![[r#"
            ::nimsync::__private::run_owned(
                ::nimsync::__private::Options::new(),
                (rows,),
                |__env, g| {
                    ::std::boxed::Box::pin(async move {
                        let (rows,) = __env;
                        #[allow(unused_braces)]
                        {
                            #[allow(unreachable_code)]
                            { ::nimsync::__private::Ok::<(), ::nimsync::BoxError>(()) }
                        }
                    })
                },
            )
        "#]],
    );
}

#[test]
fn half_typed_body_is_left_to_rustc() {
    expands(
        "|g| { g.spawn(work()); g. }".parse().unwrap(),
        expect![[r#"
        async { let __anchor = :: nimsync :: __private :: open (:: nimsync :: __private :: Options :: new ()) ; let __core = :: nimsync :: __private :: Core :: new (& __anchor) ; let g = __core . group () ; __core . drive (async { { g . spawn (work ()) ; g . } }) . await }
    "#]],
    );
    expands(
        "|g| g.".parse().unwrap(),
        expect![[r#"
        async { let __anchor = :: nimsync :: __private :: open (:: nimsync :: __private :: Options :: new ()) ; let __core = :: nimsync :: __private :: Core :: new (& __anchor) ; let g = __core . group () ; __core . drive (async { g . }) . await }
    "#]],
    );
}

#[test]
fn mistakes_keep_the_body_and_the_other_options() {
    expands(
        quote!(
            limit = 0,
            lmit = 2,
            eager = true,
            |g| {
                return work().await;
            },
            name = "x"
        ),
        expect![[r#"
            {
                ::core::compile_error! {
                    "the options of a group come before its body\nhelp: `task_group!(name = .., |g| { .. })`"
                }
                ::core::compile_error! {
                    "unknown option `lmit`; expected one of `policy`, `limit`, `timeout`, `deadline`, `name`, `grace`, `eager`, `own`\nhelp: did you mean `limit`?"
                }
                ::core::compile_error! {
                    "a limit of zero would never run anything\nhelp: write a number from 1: `limit = 1`"
                }
                ::core::compile_error! {
                    "`eager` takes no value\nhelp: write only `eager`"
                }
                ::core::compile_error! {
                    "`return` leaves only this task group\nhelp: end the block with the value instead"
                }
                async {
                    let __anchor = ::nimsync::__private::open(
                        ::nimsync::__private::Options::new().limit(0).eager().name("x"),
                    );
                    let __core = ::nimsync::__private::Core::new(&__anchor);
                    let g = __core.group();
                    __core
                        .drive(async {
                            {
                                let _ = work().await;
                                loop {}
                            };
                            #[allow(unreachable_code)]
                            { ::nimsync::__private::Ok::<(), ::nimsync::BoxError>(()) }
                        })
                        .await
                }
            }
        "#]],
    );
}

#[test]
fn half_typed_options_keep_the_body() {
    expands(
        quote!(limit = , |g| { feed(g).await }),
        expect![[r#"
        {
            ::core::compile_error! {
                "expected a value after `limit =`"
            }
            async {
                let __anchor = ::nimsync::__private::open(
                    ::nimsync::__private::Options::new(),
                );
                let __core = ::nimsync::__private::Core::new(&__anchor);
                let g = __core.group();
                __core.drive(async { feed(g).await }).await
            }
        }
    "#]],
    );
    expands(
        quote!(lim, |g| { feed(g).await }),
        expect![[r#"
        {
            ::core::compile_error! {
                "unknown option `lim`; expected one of `policy`, `limit`, `timeout`, `deadline`, `name`, `grace`, `eager`, `own`"
            }
            async {
                let __anchor = ::nimsync::__private::open(
                    ::nimsync::__private::Options::new(),
                );
                let __core = ::nimsync::__private::Core::new(&__anchor);
                let g = __core.group();
                __core.drive(async { feed(g).await }).await
            }
        }
    "#]],
    );
}

#[test]
fn body_is_missing() {
    says(
        quote!(),
        expect![[r#"
        `task_group!` needs a body
        help: `task_group!(|g| { .. })`
    "#]],
    );
    says(
        quote!(limit = 8),
        expect![[r#"
        `task_group!` needs a body
        help: `task_group!(|g| { .. })`
    "#]],
    );
    says(
        quote!({ work().await }),
        expect![[r#"
        expected `|g|` and the body of the group here
        help: `task_group!(|g| { .. })`
    "#]],
    );
    says(
        quote!(|g|),
        expect![[r#"
            expected the body of the group after this
            help: `task_group!(|g| { .. })`
        "#]],
    );
    says(
        quote!(limit = 8 | g | { feed(g).await }),
        expect![[r#"
        expected `,` between the options and the body
        help: `task_group!(limit = 8, |g| { .. })`
    "#]],
    );
}

#[test]
fn head_is_wrong() {
    says(
        quote!(|| { work().await }),
        expect![[r#"
        the body of `task_group!` takes one parameter, a name for the group
        help: `task_group!(|g| { .. })`
    "#]],
    );
    says(
        quote!(|g, h| { work().await }),
        expect![[r#"
        the body of `task_group!` takes one parameter, a name for the group
        help: `task_group!(|g| { .. })`
    "#]],
    );
    says(
        quote!(|g: &TaskGroup<'_>| { work().await }),
        expect![[r#"
        the body of `task_group!` takes one parameter, a name for the group
        help: `task_group!(|g| { .. })`
    "#]],
    );
    says(
        quote!(async move |g| { work().await }),
        expect![[r#"
            the body of `task_group!` is asynchronous and borrows; it takes no `async move`
            help: `task_group!(|g| { .. })`
        "#]],
    );
}

#[test]
fn options_after_the_body() {
    says(
        quote!(|g| { feed(g).await }, limit = 8, eager),
        expect![[r#"
        the options of a group come before its body
        help: `task_group!(limit = .., |g| { .. })`
    "#]],
    );
    says(
        quote!(|g| { feed(g).await }, |h| { feed(h).await }),
        expect![[r#"
            `task_group!` takes one body, and this comes after it
        "#]],
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    says(
        quote!(
            limit = 0,
            lmit = 2,
            policy = CollectError,
            eager = true,
            own,
            name,
            |g| {
                return 5;
            }
        ),
        expect![[r#"
            unknown option `lmit`; expected one of `policy`, `limit`, `timeout`, `deadline`, `name`, `grace`, `eager`, `own`
            help: did you mean `limit`?
            a limit of zero would never run anything
            help: write a number from 1: `limit = 1`
            unknown policy `CollectError`; expected one of `fail_fast`, `collect_errors`, `ignore_errors`, `quorum(n)`
            help: did you mean `collect_errors`?
            `eager` takes no value
            help: write only `eager`
            `own` needs a list in parentheses
            help: `own(rows, db)`
            `name` needs a value
            help: `name = "fetchers"`
            `return` leaves only this task group
            help: end the block with the value instead
        "#]],
    );
    says(
        quote!(policy = quorum, own(self.rows), limit = 1, limit = 2, |g| {
            feed(g).await
        }),
        expect![[r#"
            `limit` is given twice
            help: remove one of them
            `quorum` needs the number of successes that end the group
            help: `policy = quorum(2)`
            `own` takes the names of the local variables that move into the group
            help: `own(rows, db)`
        "#]],
    );
}
