//! `race!` and `first_ok!`: a call with a list of futures, which may be of different types.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::body::Code;
use crate::future;
use crate::report::{Report, mistake_with_help};

/// What the two macros differ in.
pub(crate) struct Form {
    name: &'static str,
    usage: &'static str,
    /// The method that makes the future.
    method: &'static str,
}

/// `race!(a, b)`
pub(crate) const RACE: Form = Form {
    name: "race",
    usage: "race!(first(), second())",
    method: "first",
};

/// `first_ok!(a, b)`
pub(crate) const FIRST_OK: Form = Form {
    name: "first_ok",
    usage: "first_ok!(first(), second())",
    method: "first_ok",
};

struct Model<'a> {
    krate: &'a TokenStream,
    function: Ident,
    method: Ident,
    arms: Vec<TokenStream>,
}

/// Expands the macro `form`.
pub(crate) fn race(form: &Form, krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let arms = future::parse_arguments(input);
    let model = check(form, krate, arms, &mut report);
    report.in_expression(model.as_ref().map(expand).unwrap_or_default())
}

fn check<'a>(
    form: &Form,
    krate: &'a TokenStream,
    arms: Vec<Code>,
    report: &mut Report,
) -> Option<Model<'a>> {
    if arms.is_empty() {
        let rule = format!("`{}!` needs at least one future", form.name);
        report.push(mistake_with_help(
            krate,
            rule,
            format_args!("`{}`", form.usage),
        ));
        return None;
    }
    let arms = arms
        .into_iter()
        .map(|arm| future::check(arm, form.name, krate, report))
        .collect();
    Some(Model {
        krate,
        function: Ident::new(form.name, Span::mixed_site()),
        method: Ident::new(form.method, Span::mixed_site()),
        arms,
    })
}

fn expand(model: &Model<'_>) -> TokenStream {
    let Model {
        krate,
        function,
        method,
        arms,
    } = model;
    quote_spanned!(Span::mixed_site()=> #krate::__private::#function()#(.arm(#arms))*.#method())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use quote::quote;

    use super::*;
    use crate::snapshot;

    fn expands(form: &Form, input: TokenStream, expected: Expect) {
        snapshot::expression(race(form, &quote!(::nimsync), input), expected);
    }

    fn says(form: &Form, input: TokenStream, expected: Expect) {
        snapshot::messages(race(form, &quote!(::nimsync), input), expected);
    }

    #[test]
    fn arms_nest_to_the_right() {
        expands(
            &RACE,
            quote!(a(), b(), c()),
            expect![[r#"
                ::nimsync::__private::race().arm(a()).arm(b()).arm(c()).first()
            "#]],
        );
        expands(
            &FIRST_OK,
            quote!(a(),),
            expect![[r#"
                ::nimsync::__private::first_ok().arm(a()).first_ok()
            "#]],
        );
    }

    #[test]
    fn arm_may_be_a_block() {
        expands(
            &RACE,
            quote!(
                {
                    a().await?;
                },
                {
                    b().await;
                }
            ),
            expect![[r#"
                ::nimsync::__private::race()
                    .arm(async {
                        a().await?;
                        #[allow(unreachable_code)]
                        { ::nimsync::__private::Ok::<(), ::nimsync::BoxError>(()) }
                    })
                    .arm(async {
                        b().await;
                    })
                    .first()
            "#]],
        );
    }

    #[test]
    fn half_typed_arm_is_left_to_rustc() {
        expands(
            &RACE,
            "a(), self.".parse().unwrap(),
            expect![[r#"
                :: nimsync :: __private :: race () . arm (a ()) . arm ((self .)) . first ()
            "#]],
        );
    }

    #[test]
    fn no_arms() {
        says(
            &RACE,
            quote!(),
            expect![[r#"
            `race!` needs at least one future
            help: `race!(first(), second())`
        "#]],
        );
    }

    #[test]
    fn awaited_arms_are_repaired() {
        expands(
            &FIRST_OK,
            quote!(a().await, b(), c().await),
            expect![[r#"
                {
                    ::core::compile_error! {
                        "`first_ok!` takes the future itself\nhelp: remove `.await`"
                    }
                    ::core::compile_error! {
                        "`first_ok!` takes the future itself\nhelp: remove `.await`"
                    }
                    ::nimsync::__private::first_ok().arm(a()).arm(b()).arm(c()).first_ok()
                }
            "#]],
        );
    }
}
