//! What the macros expand to, and what they say.

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Form, STREAM, TRY_STREAM, stream};
use crate::snapshot;

fn expands(form: Form, input: TokenStream, expected: Expect) {
    snapshot::expression(stream(form, &quote!(::nimsync), input), expected);
}

fn says(form: Form, input: TokenStream, expected: Expect) {
    snapshot::messages(stream(form, &quote!(::nimsync), input), expected);
}

#[test]
fn items_are_put_where_the_stream_finds_them() {
    expands(
        STREAM,
        quote!(for n in 0..3 {
            sleep(n).await;
            yield n;
        }),
        expect![[r#"
            ::nimsync::__private::stream::source(
                #[allow(unused_mut, unused_variables)]
                |mut __yielder| async move {
                    for n in 0..3 {
                        sleep(n).await;
                        __yielder.put(n).await;
                    }
                    #[allow(unreachable_code)] { ::nimsync::__private::stream::None }
                },
            )
        "#]],
    );
}

#[test]
fn items_of_a_try_stream_are_results() {
    expands(
        TRY_STREAM,
        quote!(while let Some(line) = lines.next().await {
            if line.is_empty() {
                return;
            }
            yield line.parse()?;
        }),
        expect![[r#"
            ::nimsync::__private::stream::source(
                #[allow(unused_mut, unused_variables)]
                |mut __yielder| async move {
                    ::nimsync::__private::stream::last(
                        async {
                            while let Some(line) = lines.next().await {
                                if line.is_empty() {
                                    return ::nimsync::__private::Ok(());
                                }
                                __yielder.put(::nimsync::__private::Ok(line.parse()?)).await;
                            }
                            #[allow(unreachable_code)] { ::nimsync::__private::Ok(()) }
                        }
                            .await,
                    )
                },
            )
        "#]],
    );
}

#[test]
fn return_ends_a_stream() {
    expands(
        STREAM,
        quote!(
            yield 1;
            if done() {
                return;
            }
            yield 2
        ),
        expect![[r#"
            ::nimsync::__private::stream::source(
                #[allow(unused_mut, unused_variables)]
                |mut __yielder| async move {
                    __yielder.put(1).await;
                    if done() {
                        return ::nimsync::__private::stream::None;
                    }
                    __yielder.put(2).await;
                    #[allow(unreachable_code)] { ::nimsync::__private::stream::None }
                },
            )
        "#]],
    );
}

#[test]
fn blocks_inside_keep_their_own_return_and_question_mark() {
    expands(
        STREAM,
        quote!(
            let read = async {
                let text = read().await?;
                return Ok(text);
            };
            let count = |text: String| -> usize { return text.len() };
            yield read.await.map(count);
        ),
        expect![[r#"
            ::nimsync::__private::stream::source(
                #[allow(unused_mut, unused_variables)]
                |mut __yielder| async move {
                    let read = async {
                        let text = read().await?;
                        return Ok(text);
                    };
                    let count = |text: String| -> usize { return text.len() };
                    __yielder.put(read.await.map(count)).await;
                    #[allow(unreachable_code)] { ::nimsync::__private::stream::None }
                },
            )
        "#]],
    );
}

#[test]
fn half_typed_code_is_left_to_rustc() {
    expands(
        STREAM,
        "yield 1; self.".parse().unwrap(),
        expect![[r#"
            :: nimsync :: __private :: stream :: source (# [allow (unused_mut , unused_variables)] | mut __yielder | async move { { yield 1 ; self . } # [allow (unreachable_code)] { :: nimsync :: __private :: stream :: None } })
        "#]],
    );
}

#[test]
fn nothing_is_yielded() {
    says(
        STREAM,
        quote!(),
        expect![[r#"
        a `stream!` yields at least one item
        help: write `yield item;`; a stream without items is `stream::empty()`
    "#]],
    );
    says(
        TRY_STREAM,
        quote!(work().await?;),
        expect![[r#"
        a `try_stream!` yields at least one item
        help: write `yield item;`; a stream without items is `stream::empty()`
    "#]],
    );
}

#[test]
fn yield_without_an_item() {
    says(
        STREAM,
        quote!(yield;),
        expect![[r#"
        `yield` gives out an item, found none
        help: `yield item;`, or `return;` to end the stream
    "#]],
    );
}

#[test]
fn all_mistakes_at_once() {
    says(
        STREAM,
        quote!(
            let line = read().await?;
            let later = async { yield line };
            lines.iter().for_each(|line| yield line);
            println!("{}", yield 1);
            return line;
        ),
        expect![[r#"
            `?` ends a stream with an error, but the items of a `stream!` are no results
            help: use `try_stream!`
            `yield` inside of an `async` block is not the stream's own code
            help: move the `yield` out of it
            `yield` inside of a closure is not the stream's own code
            help: move the `yield` out of it
            `yield` cannot be in the call of another macro
            `return` ends a `stream!` and takes no value
            help: `yield item; return;`
        "#]],
    );
}
