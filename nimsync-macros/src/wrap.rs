//! `with_timeout!`, `with_deadline!` and `shield!`: a call to the function that wraps one future.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;

use crate::body::{self, Code};
use crate::future;
use crate::report::{Report, mistake_with_help};

/// What the three macros differ in.
pub(crate) struct Form {
    name: &'static str,
    /// The call as it should be.
    usage: &'static str,
    takes: &'static str,
    /// What comes before the future, if anything does.
    limit: Option<&'static str>,
    function: &'static str,
}

/// `with_timeout!(2.seconds(), future)`
pub(crate) const WITH_TIMEOUT: Form = Form {
    name: "with_timeout",
    usage: "with_timeout!(limit, future)",
    takes: "a limit and a future",
    limit: Some("limit"),
    function: "timeout",
};

/// `with_deadline!(instant, future)`
pub(crate) const WITH_DEADLINE: Form = Form {
    name: "with_deadline",
    usage: "with_deadline!(instant, future)",
    takes: "an instant and a future",
    limit: Some("instant"),
    function: "timeout_at",
};

/// `shield!(future)`
pub(crate) const SHIELD: Form = Form {
    name: "shield",
    usage: "shield!(future)",
    takes: "one future",
    limit: None,
    function: "shield",
};

struct Model<'a> {
    krate: &'a TokenStream,
    function: Ident,
    arguments: Vec<TokenStream>,
}

/// Expands the macro `form`.
pub(crate) fn wrap(form: &Form, krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let arguments = future::parse_arguments(input);
    let model = check(form, krate, arguments, &mut report);
    report.in_expression(model.as_ref().map(expand).unwrap_or_default())
}

fn check<'a>(
    form: &Form,
    krate: &'a TokenStream,
    arguments: Vec<Code>,
    report: &mut Report,
) -> Option<Model<'a>> {
    check_count(form, krate, &arguments, report)?;
    let future_at = usize::from(form.limit.is_some());
    let arguments = arguments.into_iter().enumerate().map(|(at, argument)| {
        if at == future_at {
            Some(future::check(argument, form.name, krate, report))
        } else {
            check_limit(form, argument, krate, report)
        }
    });
    let arguments = arguments.collect::<Option<_>>()?;
    Some(Model {
        krate,
        function: Ident::new(form.function, Span::mixed_site()),
        arguments,
    })
}

fn check_count(
    form: &Form,
    krate: &TokenStream,
    arguments: &[Code],
    report: &mut Report,
) -> Option<()> {
    let wanted = 1 + usize::from(form.limit.is_some());
    // What does not parse may be any number of arguments. rustc will tell what is wrong with it.
    if arguments.len() == wanted || matches!(arguments.last(), Some(Code::Unparsed(_))) {
        return Some(());
    }
    let found = match arguments.len() {
        0 => "nothing".to_owned(),
        1 => "one argument".to_owned(),
        more => format!("{more} arguments"),
    };
    let at = arguments.get(wanted).or(arguments.last());
    report.push(mistake_with_help(
        at.map_or(krate.clone(), ToTokens::to_token_stream),
        format_args!("`{}!` takes {}, found {found}", form.name, form.takes),
        format_args!("`{}`", form.usage),
    ));
    None
}

fn check_limit(
    form: &Form,
    argument: Code,
    krate: &TokenStream,
    report: &mut Report,
) -> Option<TokenStream> {
    if matches!(argument, Code::Block(_) | Code::Expr(Expr::Async(_))) {
        let rule = format!("`{}!` takes the future last", form.name);
        report.push(mistake_with_help(
            argument,
            rule,
            format_args!("`{}`", form.usage),
        ));
        return None;
    }
    Some(body::argument(argument, krate))
}

fn expand(model: &Model<'_>) -> TokenStream {
    let Model {
        krate,
        function,
        arguments,
    } = model;
    quote_spanned!(Span::mixed_site()=> #krate::#function(#(#arguments),*))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use quote::quote;

    use super::*;
    use crate::snapshot;

    fn expands(form: &Form, input: TokenStream, expected: Expect) {
        snapshot::expression(wrap(form, &quote!(::nimsync), input), expected);
    }

    fn says(form: &Form, input: TokenStream, expected: Expect) {
        snapshot::messages(wrap(form, &quote!(::nimsync), input), expected);
    }

    #[test]
    fn future_stays_as_it_is() {
        expands(
            &WITH_TIMEOUT,
            quote!(2.seconds(), work(1)),
            expect![[r#"
            ::nimsync::timeout(2.seconds(), work(1))
        "#]],
        );
        expands(
            &WITH_DEADLINE,
            quote!(at, work(1),),
            expect![[r#"
            ::nimsync::timeout_at(at, work(1))
        "#]],
        );
        expands(
            &SHIELD,
            quote!(save()),
            expect![[r#"
            ::nimsync::shield(save())
        "#]],
        );
    }

    #[test]
    fn block_that_can_fail_is_completed() {
        expands(
            &WITH_TIMEOUT,
            quote!(2.seconds(), {
                step().await?;
            }),
            expect![[r#"
                ::nimsync::timeout(
                    2.seconds(),
                    async {
                        step().await?;
                        #[allow(unreachable_code)]
                        { ::nimsync::__private::Ok::<(), ::nimsync::BoxError>(()) }
                    },
                )
            "#]],
        );
        expands(
            &SHIELD,
            quote!({
                step().await?;
                Ok(1)
            }),
            expect![[r#"
                ::nimsync::shield(async {
                    step().await?;
                    {
                        let __tail: ::nimsync::__private::Result<_, ::nimsync::BoxError> = Ok(1);
                        __tail
                    }
                })
            "#]],
        );
    }

    #[test]
    fn block_that_cannot_fail_stays_as_it_is() {
        expands(
            &SHIELD,
            quote!({
                step().await;
            }),
            expect![[r#"
                ::nimsync::shield(async {
                    step().await;
                })
            "#]],
        );
    }

    #[test]
    fn half_typed_arguments_are_left_to_rustc() {
        expands(
            &WITH_TIMEOUT,
            "limit, self.".parse().unwrap(),
            expect![[r#"
                :: nimsync :: timeout (limit , (self .))
            "#]],
        );
        expands(
            &WITH_TIMEOUT,
            "limit., work()".parse().unwrap(),
            expect![[r#"
                :: nimsync :: timeout ((limit ., work ()))
            "#]],
        );
        expands(
            &SHIELD,
            "{ self. }".parse().unwrap(),
            expect![[r#"
                :: nimsync :: shield (({ self . }))
            "#]],
        );
    }

    #[test]
    fn wrong_number_of_arguments() {
        says(
            &WITH_TIMEOUT,
            quote!(),
            expect![[r#"
            `with_timeout!` takes a limit and a future, found nothing
            help: `with_timeout!(limit, future)`
        "#]],
        );
        says(
            &WITH_TIMEOUT,
            quote!(limit),
            expect![[r#"
            `with_timeout!` takes a limit and a future, found one argument
            help: `with_timeout!(limit, future)`
        "#]],
        );
        says(
            &WITH_DEADLINE,
            quote!(at, first(), second()),
            expect![[r#"
            `with_deadline!` takes an instant and a future, found 3 arguments
            help: `with_deadline!(instant, future)`
        "#]],
        );
        says(
            &SHIELD,
            quote!(first(), second()),
            expect![[r#"
            `shield!` takes one future, found 2 arguments
            help: `shield!(future)`
        "#]],
        );
    }

    #[test]
    fn awaited_future_is_repaired() {
        expands(
            &WITH_TIMEOUT,
            quote!(limit, work().await),
            expect![[r#"
            {
                ::core::compile_error! {
                    "`with_timeout!` takes the future itself\nhelp: remove `.await`"
                }
                ::nimsync::timeout(limit, work())
            }
        "#]],
        );
    }

    #[test]
    fn future_before_the_limit() {
        says(
            &WITH_TIMEOUT,
            quote!({ work().await }, limit),
            expect![[r#"
            `with_timeout!` takes the future last
            help: `with_timeout!(limit, future)`
        "#]],
        );
    }

    #[test]
    fn return_out_of_a_block() {
        expands(
            &WITH_TIMEOUT,
            quote!(limit, {
                if late {
                    return 1;
                }
                work().await
            }),
            expect![[r#"
                {
                    ::core::compile_error! {
                        "`return` leaves only this block\nhelp: end the block with the value instead"
                    }
                    ::nimsync::timeout(
                        limit,
                        async {
                            if late {
                                {
                                    let _ = 1;
                                    loop {}
                                };
                            }
                            work().await
                        },
                    )
                }
            "#]],
        );
    }
}
