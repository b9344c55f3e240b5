use expect_test::{Expect, expect};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::{Code, group_body};
use crate::report::Report;
use crate::snapshot;

/// The body of a group `g`.
fn body(code: TokenStream, expected: Expect) {
    let code: Code = syn::parse2(code).unwrap();
    let group = Ident::new("g", Span::call_site());
    let mut report = Report::default();
    let body = group_body(code, Some(&group), &quote!(nimsync), &mut report);
    snapshot::expression(report.in_expression(body), expected);
}

#[test]
fn empty_body_gets_its_ok() {
    body(
        quote!({}),
        expect![[r#"
        {
            #[allow(unreachable_code)]
            { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
        }
    "#]],
    );
}

#[test]
fn body_without_a_value_gets_its_ok() {
    body(
        quote!({
            work().await?;
        }),
        expect![[r#"
            {
                work().await?;
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({
            let a = work().await?;
        }),
        expect![[r#"
            {
                let a = work().await?;
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({
            fn inner() {}
        }),
        expect![[r#"
            {
                fn inner() {}
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({
            for part in parts {
                g.spawn(part);
            }
        }),
        expect![[r#"
            {
                for part in parts {
                    g.spawn(part);
                }
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({
            while more() {
                work().await?;
            }
        }),
        expect![[r#"
            {
                while more() {
                    work().await?;
                }
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({
            if late {
                work().await?;
            }
        }),
        expect![[r#"
            {
                if late {
                    work().await?;
                }
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({ total += work().await? }),
        expect![[r#"
        {
            total += work().await?;
            #[allow(unreachable_code)]
            { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
        }
    "#]],
    );
    body(
        quote!({
            println!("done");
        }),
        expect![[r#"
            {
                println!("done");
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
}

#[test]
fn body_whose_branches_have_no_value_gets_its_ok() {
    body(
        quote!({
            if late {
                work().await?;
            } else {
                rest().await?;
            }
        }),
        expect![[r#"
            {
                if late {
                    work().await?;
                } else {
                    rest().await?;
                };
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({
            match part {
                Some(part) => {
                    part.await?;
                }
                None => {}
            }
        }),
        expect![[r#"
            {
                match part {
                    Some(part) => {
                        part.await?;
                    }
                    None => {}
                };
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
}

#[test]
fn expression_without_a_value_gets_its_ok() {
    body(
        quote!(for part in parts {
            g.spawn(part);
        }),
        expect![[r#"
            {
                for part in parts {
                    g.spawn(part);
                }
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
}

#[test]
fn plain_result_at_the_end_gets_its_type() {
    body(
        quote!({
            work().await?;
            Ok(5)
        }),
        expect![[r#"
            {
                work().await?;
                {
                    let __tail: nimsync::__private::Result<_, nimsync::BoxError> = Ok(5);
                    __tail
                }
            }
        "#]],
    );
    body(
        quote!({ Err("no".into()) }),
        expect![[r#"
        {
            {
                let __tail: nimsync::__private::Result<_, nimsync::BoxError> = Err(
                    "no".into(),
                );
                __tail
            }
        }
    "#]],
    );
}

#[test]
fn any_other_value_stays() {
    body(
        quote!({
            work().await?;
            Ok::<_, Error>(5)
        }),
        expect![[r#"
            {
                work().await?;
                Ok::<_, Error>(5)
            }
        "#]],
    );
    body(
        quote!({ if late { 1 } else { work().await } }),
        expect![[r#"
        { if late { 1 } else { work().await } }
    "#]],
    );
    body(
        quote!({
            match part {
                Some(part) => part.await,
                None => {}
            }
        }),
        expect![[r#"
            {
                match part {
                    Some(part) => part.await,
                    None => {}
                };
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({
            loop {
                work().await?;
            }
        }),
        expect![[r#"
            {
                loop {
                    work().await?;
                };
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
    body(
        quote!({ vec![1] }),
        expect![[r#"
        { vec![1] }
    "#]],
    );
}

#[test]
fn spawned_block_that_can_fail_is_completed() {
    body(
        quote!({
            g.spawn(async move {
                work().await?;
            });
            g.task("x").spawn_local(async {
                work().await?;
                Ok(1)
            });
            g.start(|ready| async move {
                ready.set(bind().await?);
            })
            .await;
            g.supervise(restart, || {
                let x = x.clone();
                async move {
                    x.run().await?;
                }
            });
            g.service(async || {
                work().await?;
            });
            1
        }),
        expect![[r#"
            {
                g.spawn(async move {
                    work().await?;
                    #[allow(unreachable_code)]
                    { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
                });
                g.task("x")
                    .spawn_local(async {
                        work().await?;
                        {
                            let __tail: nimsync::__private::Result<_, nimsync::BoxError> = Ok(1);
                            __tail
                        }
                    });
                g.start(|ready| async move {
                        ready.set(bind().await?);
                        #[allow(unreachable_code)]
                        { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
                    })
                    .await;
                g.supervise(
                    restart,
                    || {
                        let x = x.clone();
                        async move {
                            x.run().await?;
                            #[allow(unreachable_code)]
                            { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
                        }
                    },
                );
                g.service(async || {
                    work().await?;
                    #[allow(unreachable_code)]
                    { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
                });
                1
            }
        "#]],
    );
}

#[test]
fn spawned_block_that_cannot_fail_stays() {
    body(
        quote!({
            g.spawn(async {
                work().await;
            });
            g.spawn(async { work().await? });
            g.spawn(async {
                helper(
                    async {
                        inner()?;
                    },
                    || inner()?,
                )
                .await;
            });
            h.spawn(async {
                work().await?;
            });
            g.len(async {
                work().await?;
            });
            1
        }),
        expect![[r#"
            {
                g.spawn(async {
                    work().await;
                });
                g.spawn(async { work().await? });
                g.spawn(async {
                    helper(
                            async {
                                inner()?;
                            },
                            || inner()?,
                        )
                        .await;
                });
                h.spawn(async {
                    work().await?;
                });
                g.len(async {
                    work().await?;
                });
                1
            }
        "#]],
    );
}

#[test]
fn block_spawned_by_a_child_is_completed() {
    body(
        quote!({
            g.spawn_local(async {
                g.spawn_local(async {
                    work().await?;
                });
            });
            1
        }),
        expect![[r#"
            {
                g.spawn_local(async {
                    g.spawn_local(async {
                        work().await?;
                        #[allow(unreachable_code)]
                        { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
                    });
                });
                1
            }
        "#]],
    );
}

#[test]
fn ways_out_of_the_body() {
    body(
        quote!({
            if late {
                return Ok(5);
            }
            if later {
                return;
            }
            break;
            break 'outer work();
            continue 'outer;
        }),
        expect![[r#"
            {
                ::core::compile_error! {
                    "`return` leaves only this task group\nhelp: end the block with the value instead"
                }
                ::core::compile_error! {
                    "`return` leaves only this task group\nhelp: end the block there instead, for example with `if` and `else`"
                }
                ::core::compile_error! {
                    "`break` cannot leave a task group\nhelp: end the task group with a value, and `break` after it"
                }
                ::core::compile_error! {
                    "`break 'outer` cannot leave a task group\nhelp: end the task group with a value, and `break 'outer` after it"
                }
                ::core::compile_error! {
                    "`continue 'outer` cannot leave a task group\nhelp: end the task group with a value, and `continue 'outer` after it"
                }
                {
                    if late {
                        {
                            let _ = Ok(5);
                            loop {}
                        };
                    }
                    if later {
                        { loop {} };
                    }
                    { loop {} };
                    {
                        let _ = work();
                        loop {}
                    };
                    { loop {} };
                    #[allow(unreachable_code)]
                    { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
                }
            }
        "#]],
    );
}

#[test]
fn ways_out_that_stay_inside() {
    body(
        quote!({
            'outer: for part in parts {
                loop {
                    if part.skip() {
                        continue 'outer;
                    }
                    break;
                }
            }
            let found = 'found: {
                break 'found 5;
            };
            let f = || return 1;
            g.spawn(async {
                return 1;
            });
            fn inner() {
                return;
            }
            found
        }),
        expect![[r#"
            {
                'outer: for part in parts {
                    loop {
                        if part.skip() {
                            continue 'outer;
                        }
                        break;
                    }
                }
                let found = 'found: {
                    break 'found 5;
                };
                let f = || return 1;
                g.spawn(async {
                    return 1;
                });
                fn inner() {
                    return;
                }
                found
            }
        "#]],
    );
}

#[test]
fn endless_loop_that_can_fail_gets_an_error_type() {
    body(
        quote!({
            g.spawn(async {
                loop {
                    step().await?;
                }
            });
            g.spawn(async {
                loop {
                    break step().await?;
                }
            });
        }),
        expect![[r#"
            {
                g.spawn(async {
                    loop {
                        step().await?;
                    };
                    #[allow(unreachable_code)]
                    { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
                });
                g.spawn(async {
                    loop {
                        break step().await?;
                    }
                });
                #[allow(unreachable_code)]
                { nimsync::__private::Ok::<(), nimsync::BoxError>(()) }
            }
        "#]],
    );
}
