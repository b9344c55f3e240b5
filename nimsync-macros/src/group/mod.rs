//! `task_group!(OPTIONS, |g| { .. })`: a group, its body and its children as one future.
//!
//! The group lives in the future that the macro makes, in three locals: the anchor owns its state,
//! the core borrows the anchor, and the user's `g` borrows the core. So children that run in place
//! can borrow from everything around the macro, and nothing that knows the group outlives it. With
//! `own(..)` the runtime keeps what was moved in, and lends it to the body through a closure.

mod head;
mod options;
#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{BinOp, Expr, ExprBinary, Ident, Pat, Token};

use crate::body::{self, Code};
use crate::report::{Report, mistake, mistake_with_help};
use crate::settings::{self, Setting};
use head::Head;
use options::Options;

/// What a message shows as the simplest group.
const USAGE: &str = "`task_group!(|g| { .. })`";

#[derive(Default)]
struct Ast {
    settings: Vec<Setting>,
    body: Option<Body>,
}

/// `|g| CODE`
struct Body {
    head: Head,
    code: Code,
}

struct Model<'a> {
    krate: &'a TokenStream,
    options: Options,
    /// The user's name for the group, or `_`.
    parameter: Pat,
    /// The body as a block.
    body: TokenStream,
    /// Where messages about the body's future point to.
    place: Span,
}

/// Expands `task_group!`.
pub(crate) fn task_group(krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let ast = parse(krate, input, &mut report);
    let model = check(krate, ast, &mut report);
    report.in_expression(model.as_ref().map(expand).unwrap_or_default())
}

fn parse(krate: &TokenStream, input: TokenStream, report: &mut Report) -> Ast {
    let mut ast = Ast::default();
    let parser = |input: ParseStream<'_>| {
        settings::parse(input, at_option, &mut ast.settings, report)?;
        ast.body = Some(parse_body(krate, input, &mut ast.settings)?);
        parse_after_body(input, &mut ast.settings, report)
    };
    if let Err(mistake) = parser.parse2(input) {
        report.push(mistake);
    }
    ast
}

fn at_option(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any) && !Head::starts(input)
}

fn parse_body(
    krate: &TokenStream,
    input: ParseStream<'_>,
    settings: &mut Vec<Setting>,
) -> syn::Result<Body> {
    if !Head::starts(input) {
        return Err(missing_body(krate, input, settings));
    }
    let head: Head = input.parse()?;
    if input.is_empty() {
        return Err(mistake_with_help(
            head,
            "expected the body of the group after this",
            USAGE,
        ));
    }
    Ok(Body {
        head,
        code: input.parse()?,
    })
}

fn missing_body(
    krate: &TokenStream,
    input: ParseStream<'_>,
    settings: &mut Vec<Setting>,
) -> syn::Error {
    if let Some((found, _)) = input.cursor().token_tree() {
        return mistake_with_help(
            found,
            "expected `|g|` and the body of the group here",
            USAGE,
        );
    }
    // Without the comma, `limit = 8 |g| { .. }` is one expression.
    if let Some(Expr::Binary(ExprBinary {
        op: bar @ BinOp::BitOr(_),
        ..
    })) = settings.last().and_then(Setting::value)
    {
        let missing = mistake_with_help(
            bar,
            "expected `,` between the options and the body",
            "`task_group!(limit = 8, |g| { .. })`",
        );
        settings.pop();
        return missing;
    }
    let at = settings
        .last()
        .map_or(krate.clone(), |last| last.name.to_token_stream());
    mistake_with_help(at, "`task_group!` needs a body", USAGE)
}

fn parse_after_body(
    input: ParseStream<'_>,
    settings: &mut Vec<Setting>,
    report: &mut Report,
) -> syn::Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    input.parse::<Token![,]>()?;
    let before = settings.len();
    settings::parse(input, at_option, settings, report)?;
    if let Some(first) = settings.get(before) {
        let help = format!("`task_group!({}, |g| {{ .. }})`", first.outline());
        report.push(mistake_with_help(
            &first.name,
            "the options of a group come before its body",
            help,
        ));
    }
    if !input.is_empty() {
        return Err(mistake(
            input.parse::<TokenStream>()?,
            "`task_group!` takes one body, and this comes after it",
        ));
    }
    Ok(())
}

fn check<'a>(krate: &'a TokenStream, ast: Ast, report: &mut Report) -> Option<Model<'a>> {
    let options = options::check(krate, ast.settings, report);
    let Body { head, code } = ast.body?;
    let parameter = head.check(report)?;
    let place = code.place();
    let body = body::group_body(code, head::name(&parameter), krate, report);
    Some(Model {
        krate,
        options,
        parameter,
        body,
        place,
    })
}

fn expand(model: &Model<'_>) -> TokenStream {
    let Model {
        krate,
        options: Options { calls, owned },
        parameter,
        body,
        place,
    } = model;
    let span = Span::mixed_site();
    let options = quote_spanned!(span=> #krate::__private::Options::new() #(#calls)*);
    // rustc calls a future by the place of its `async`, which is the user's body then.
    let asynchronous = quote_spanned!(span.located_at(*place)=> async);
    match owned {
        None => quote_spanned! {span=>
            async {
                let __anchor = #krate::__private::open(#options);
                let __core = #krate::__private::Core::new(&__anchor);
                let #parameter = __core.group();
                __core.drive(#asynchronous #body).await
            }
        },
        Some(owned) => quote_spanned! {span=>
            #krate::__private::run_owned(#options, (#(#owned,)*), |__env, #parameter| {
                ::std::boxed::Box::pin(#asynchronous move {
                    let (#(#owned,)*) = __env;
                    #[allow(unused_braces)]
                    #body
                })
            })
        },
    }
}
