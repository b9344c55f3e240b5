//! Expansions of `select!`, and what it says to mistakes.

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;

use super::select;
use crate::snapshot;

fn expands(input: TokenStream, expected: Expect) {
    snapshot::expression(select(&quote!(::nimsync), input), expected);
}

fn says(input: TokenStream, expected: Expect) {
    snapshot::messages(select(&quote!(::nimsync), input), expected);
}

#[test]
fn two_arms() {
    expands(
        quote!(Ok(value) = rx.recv() => use_it(value), () = sleep(limit) => { late() }),
        expect![[r#"
            {
                #[allow(dead_code)]
                enum SelectOutput<Arm0, Arm1> {
                    Arm0(Arm0),
                    Arm1(Arm1),
                    Default,
                    Else,
                }
                let output = {
                    let mut slot0 = ::nimsync::__private::select::pin!(
                        ::nimsync::__private::select::Some(::nimsync::__private::select::into_future(rx
                        .recv()))
                    );
                    let mut slot1 = ::nimsync::__private::select::pin!(
                        ::nimsync::__private::select::Some(::nimsync::__private::select::into_future(sleep(limit)))
                    );
                    ::nimsync::__private::select::poll_fn(|cx| {
                            let start = ::nimsync::__private::select::start(2u32);
                            let mut waiting = false;
                            for offset in 0..2u32 {
                                let turn = start + offset;
                                match if turn < 2u32 { turn } else { turn - 2u32 } {
                                    0u32 => {
                                        match ::nimsync::__private::select::poll_arm(
                                            slot0.as_mut(),
                                            cx,
                                        ) {
                                            ::nimsync::__private::select::Arm::Ready(value) => {
                                                #[allow(
                                                    unused_variables,
                                                    unreachable_patterns,
                                                    clippy::all
                                                )]
                                                if match value {
                                                    Ok(_) => true,
                                                    _ => false,
                                                } {
                                                    return ::nimsync::__private::select::Poll::Ready(
                                                        SelectOutput::Arm0(value),
                                                    );
                                                }
                                                slot0.set(::nimsync::__private::select::None);
                                            }
                                            ::nimsync::__private::select::Arm::Pending => waiting = true,
                                            ::nimsync::__private::select::Arm::Disabled => {}
                                        }
                                    }
                                    1u32 => {
                                        match ::nimsync::__private::select::poll_arm(
                                            slot1.as_mut(),
                                            cx,
                                        ) {
                                            ::nimsync::__private::select::Arm::Ready(value) => {
                                                #[allow(
                                                    unused_variables,
                                                    unreachable_patterns,
                                                    clippy::all
                                                )]
                                                if match value {
                                                    () => true,
                                                    _ => false,
                                                } {
                                                    return ::nimsync::__private::select::Poll::Ready(
                                                        SelectOutput::Arm1(value),
                                                    );
                                                }
                                                slot1.set(::nimsync::__private::select::None);
                                            }
                                            ::nimsync::__private::select::Arm::Pending => waiting = true,
                                            ::nimsync::__private::select::Arm::Disabled => {}
                                        }
                                    }
                                    _ => {}
                                }
                            }
                            if waiting {
                                ::nimsync::__private::select::Poll::Pending
                            } else {
                                ::nimsync::__private::select::Poll::Ready(SelectOutput::Else)
                            }
                        })
                        .await
                };
                match output {
                    SelectOutput::Arm0(value) => {
                        #[allow(unreachable_patterns)]
                        match value {
                            Ok(value) => use_it(value),
                            _ => ::nimsync::__private::select::matched_before(),
                        }
                    }
                    SelectOutput::Arm1(value) => {
                        #[allow(unreachable_patterns)]
                        match value {
                            () => late(),
                            _ => ::nimsync::__private::select::matched_before(),
                        }
                    }
                    SelectOutput::Default => ::nimsync::__private::select::matched_before(),
                    SelectOutput::Else => ::nimsync::__private::select::nothing_left(),
                }
            }
        "#]],
    );
}

#[test]
fn biased_condition_default_and_else() {
    expands(
        quote! {
            biased;
            value = rx.recv(), if open => value,
            default => 0,
            else => 1,
        },
        expect![[r#"
            {
                #[allow(dead_code)]
                enum SelectOutput<Arm0> {
                    Arm0(Arm0),
                    Default,
                    Else,
                }
                let output = {
                    let mut slot0 = ::nimsync::__private::select::pin!(
                        if open {
                        ::nimsync::__private::select::Some(::nimsync::__private::select::into_future(rx
                        .recv())) } else { ::nimsync::__private::select::None }
                    );
                    ::nimsync::__private::select::poll_now(|cx| {
                            let start = 0_u32;
                            let mut waiting = false;
                            for offset in 0..1u32 {
                                let turn = start + offset;
                                match if turn < 1u32 { turn } else { turn - 1u32 } {
                                    0u32 => {
                                        match ::nimsync::__private::select::poll_arm(
                                            slot0.as_mut(),
                                            cx,
                                        ) {
                                            ::nimsync::__private::select::Arm::Ready(value) => {
                                                #[allow(
                                                    unused_variables,
                                                    unreachable_patterns,
                                                    clippy::all
                                                )]
                                                if match value {
                                                    _ => true,
                                                    _ => false,
                                                } {
                                                    return ::nimsync::__private::select::Poll::Ready(
                                                        SelectOutput::Arm0(value),
                                                    );
                                                }
                                                slot0.set(::nimsync::__private::select::None);
                                            }
                                            ::nimsync::__private::select::Arm::Pending => waiting = true,
                                            ::nimsync::__private::select::Arm::Disabled => {}
                                        }
                                    }
                                    _ => {}
                                }
                            }
                            if waiting {
                                ::nimsync::__private::select::Poll::Ready(SelectOutput::Default)
                            } else {
                                ::nimsync::__private::select::Poll::Ready(SelectOutput::Else)
                            }
                        })
                        .await
                };
                match output {
                    SelectOutput::Arm0(value) => {
                        #[allow(unreachable_patterns)]
                        match value {
                            value => value,
                            _ => ::nimsync::__private::select::matched_before(),
                        }
                    }
                    SelectOutput::Default => 0,
                    SelectOutput::Else => 1,
                }
            }
        "#]],
    );
}

#[test]
fn match_comes_before_bindings() {
    expands(
        quote!(all @ Point { x: Some(ref x), y, .. } | all @ Point::of(x, [y, ..]) = next() => go(all)),
        expect![[r#"
            {
                #[allow(dead_code)]
                enum SelectOutput<Arm0> {
                    Arm0(Arm0),
                    Default,
                    Else,
                }
                let output = {
                    let mut slot0 = ::nimsync::__private::select::pin!(
                        ::nimsync::__private::select::Some(::nimsync::__private::select::into_future(next()))
                    );
                    ::nimsync::__private::select::poll_fn(|cx| {
                            let start = ::nimsync::__private::select::start(1u32);
                            let mut waiting = false;
                            for offset in 0..1u32 {
                                let turn = start + offset;
                                match if turn < 1u32 { turn } else { turn - 1u32 } {
                                    0u32 => {
                                        match ::nimsync::__private::select::poll_arm(
                                            slot0.as_mut(),
                                            cx,
                                        ) {
                                            ::nimsync::__private::select::Arm::Ready(value) => {
                                                #[allow(
                                                    unused_variables,
                                                    unreachable_patterns,
                                                    clippy::all
                                                )]
                                                if match value {
                                                    Point { x: Some(_), y: _, .. } | Point::of(_, [_, ..]) => {
                                                        true
                                                    }
                                                    _ => false,
                                                } {
                                                    return ::nimsync::__private::select::Poll::Ready(
                                                        SelectOutput::Arm0(value),
                                                    );
                                                }
                                                slot0.set(::nimsync::__private::select::None);
                                            }
                                            ::nimsync::__private::select::Arm::Pending => waiting = true,
                                            ::nimsync::__private::select::Arm::Disabled => {}
                                        }
                                    }
                                    _ => {}
                                }
                            }
                            if waiting {
                                ::nimsync::__private::select::Poll::Pending
                            } else {
                                ::nimsync::__private::select::Poll::Ready(SelectOutput::Else)
                            }
                        })
                        .await
                };
                match output {
                    SelectOutput::Arm0(value) => {
                        #[allow(unreachable_patterns)]
                        match value {
                            all @ Point { x: Some(ref x), y, .. }
                            | all @ Point::of(x, [y, ..]) => go(all),
                            _ => ::nimsync::__private::select::matched_before(),
                        }
                    }
                    SelectOutput::Default => ::nimsync::__private::select::matched_before(),
                    SelectOutput::Else => ::nimsync::__private::select::nothing_left(),
                }
            }
        "#]],
    );
}

#[test]
fn awaited_arm_is_repaired() {
    expands(
        quote!(value = rx.recv().await => value),
        expect![[r#"
        {
            ::core::compile_error! {
                "an arm of `select!` takes the future itself\nhelp: remove `.await`"
            }
            {
                #[allow(dead_code)]
                enum SelectOutput<Arm0> {
                    Arm0(Arm0),
                    Default,
                    Else,
                }
                let output = {
                    let mut slot0 = ::nimsync::__private::select::pin!(
                        ::nimsync::__private::select::Some(::nimsync::__private::select::into_future(rx
                        .recv()))
                    );
                    ::nimsync::__private::select::poll_fn(|cx| {
                            let start = ::nimsync::__private::select::start(1u32);
                            let mut waiting = false;
                            for offset in 0..1u32 {
                                let turn = start + offset;
                                match if turn < 1u32 { turn } else { turn - 1u32 } {
                                    0u32 => {
                                        match ::nimsync::__private::select::poll_arm(
                                            slot0.as_mut(),
                                            cx,
                                        ) {
                                            ::nimsync::__private::select::Arm::Ready(value) => {
                                                #[allow(
                                                    unused_variables,
                                                    unreachable_patterns,
                                                    clippy::all
                                                )]
                                                if match value {
                                                    _ => true,
                                                    _ => false,
                                                } {
                                                    return ::nimsync::__private::select::Poll::Ready(
                                                        SelectOutput::Arm0(value),
                                                    );
                                                }
                                                slot0.set(::nimsync::__private::select::None);
                                            }
                                            ::nimsync::__private::select::Arm::Pending => waiting = true,
                                            ::nimsync::__private::select::Arm::Disabled => {}
                                        }
                                    }
                                    _ => {}
                                }
                            }
                            if waiting {
                                ::nimsync::__private::select::Poll::Pending
                            } else {
                                ::nimsync::__private::select::Poll::Ready(SelectOutput::Else)
                            }
                        })
                        .await
                };
                match output {
                    SelectOutput::Arm0(value) => {
                        #[allow(unreachable_patterns)]
                        match value {
                            value => value,
                            _ => ::nimsync::__private::select::matched_before(),
                        }
                    }
                    SelectOutput::Default => ::nimsync::__private::select::matched_before(),
                    SelectOutput::Else => ::nimsync::__private::select::nothing_left(),
                }
            }
        }
    "#]],
    );
}

#[test]
fn words_are_names_where_a_pattern_is() {
    says(
        quote!(biased = a() => 1, default = b() => 2, biased | default = c() => 3),
        expect![[r#""#]],
    );
}

#[test]
fn commas_are_as_in_a_match() {
    says(
        quote! {
            a = a() => {}
            b = b() => if b {} else {}
            c = c() => match c {}
            d = d() => loop {},
            e = e() => {}.f(),
            g = g() => g
        },
        expect![[r#""#]],
    );
    says(
        quote!(a = a() => async {} b = b() => b),
        expect![[r#"
        expected `,` after this body
    "#]],
    );
}

#[test]
fn all_broken_rules_at_once() {
    says(
        quote! {
            else => 0,
            a = a().await => 1,
            default => 2,
            biased;
            default => 3,
            else => 4,
            b = b() => 5,
        },
        expect![[r#"
            `else` comes last, after all other arms
            an arm of `select!` takes the future itself
            help: remove `.await`
            `biased;` comes first, before all arms
            `select!` takes one `default` arm, this is another
            `select!` takes one `else` arm, this is another
        "#]],
    );
}

#[test]
fn missing_parts() {
    says(
        quote!(),
        expect![[r#"
        `select!` needs at least one arm with a future
        help: `select! { value = rx.recv() => .. }`
    "#]],
    );
    says(
        quote!(else => 1),
        expect![[r#"
        `select!` needs at least one arm with a future
        help: `select! { value = rx.recv() => .. }`
    "#]],
    );
    says(
        quote!(biased),
        expect![[r#"
        expected `=` and a future after the pattern
        help: `value = rx.recv() => ..`
    "#]],
    );
    says(
        quote!(biased a = a() => 1),
        expect![[r#"
        expected `;` after `biased`
        help: `biased;`
    "#]],
    );
    says(
        quote!(else { 1 }),
        expect![[r#"
        expected `=>` and a body after `else`
        help: `else => ..`
    "#]],
    );
    says(
        quote!(Ok(value) => 1),
        expect![[r#"
        expected `=` and a future after the pattern, found `=>`
        help: `value = rx.recv() => ..`
    "#]],
    );
    says(
        quote!(Ok(value), if open => 1),
        expect![[r#"
        expected `=` and a future after the pattern
        help: `value = rx.recv() => ..`
    "#]],
    );
    says(
        quote!(rx.recv() => 1),
        expect![[r#"
        expected a pattern and `=` before the future
        help: `value = rx.recv() => ..`
    "#]],
    );
    says(
        quote!(sleep(limit) => 1),
        expect![[r#"
        expected a pattern and `=` before the future
        help: `value = rx.recv() => ..`
    "#]],
    );
    says(
        quote!(recv(rx) -> value => 1),
        expect![[r#"
        expected a pattern and `=` before the future
        help: `value = rx.recv() => ..`
    "#]],
    );
    says(
        quote!(a = a()),
        expect![[r#"
        expected `=>` and a body after the future
        help: `value = rx.recv() => ..`
    "#]],
    );
    says(
        quote!(a = a(), if open),
        expect![[r#"
        expected `=>` and a body after the condition
        help: `value = rx.recv() => ..`
    "#]],
    );
    says(
        quote!(a = a() if open => 1),
        expect![[r#"
        expected `,` before the condition
        help: `value = rx.recv(), if condition => ..`
    "#]],
    );
    says(
        quote!(a = a() =>),
        expect![[r#"
        expected a body after `=>`
        help: `=> {}` does nothing
    "#]],
    );
    says(
        quote!(a = a() => 1; b = b() => 2),
        expect![[r#"
        expected `,` after an arm, found `;`
    "#]],
    );
    says(
        quote!(a = a() => 1 b = b() => 2),
        expect![[r#"
        expected `,` after this body
    "#]],
    );
}

#[test]
fn too_many_arms() {
    let arms = (0..65).map(|_| quote!(_ = a() => (),));
    says(
        quote!(#(#arms)*),
        expect![[r#"
        `select!` takes up to 64 arms, this is one more
        help: `nimsync::channel::Select` receives from any number of channels
    "#]],
    );
}
