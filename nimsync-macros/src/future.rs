//! The future that a macro takes as an argument.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use crate::body::{self, Code};
use crate::report::{Report, mistake_with_help};

/// Parses the arguments of a macro.
pub(crate) fn parse_arguments(input: TokenStream) -> Vec<Code> {
    let arguments = Punctuated::<Code, Token![,]>::parse_terminated;
    // Code that does not parse is an argument, too, up to the end.
    let arguments = arguments.parse2(input).unwrap_or_default();
    arguments.into_iter().collect()
}

/// Checks an argument of the macro `name` that has to be a future, and returns it as one.
pub(crate) fn check(
    code: Code,
    name: &str,
    krate: &TokenStream,
    report: &mut Report,
) -> TokenStream {
    match code {
        Code::Block(block) => body::future_block(block, krate, report),
        Code::Expr(Expr::Await(awaited)) => {
            let await_token = &awaited.await_token;
            report.push(mistake_with_help(
                await_token,
                format_args!("`{name}!` takes the future itself"),
                "remove `.await`",
            ));
            awaited.base.into_token_stream()
        }
        code => body::argument(code, krate),
    }
}
