//! `stream!` and `try_stream!`: code that yields, as a stream.
//!
//! The code becomes an `async move` block that is given a place for its items. `yield x` becomes
//! "put `x` there, and wait until the next is asked for".

mod check;
mod expand;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::{Block, Stmt};

use crate::report::Report;

/// What the two macros differ in.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    name: &'static str,
    /// Whether items are results, and `?` ends the stream.
    fallible: bool,
}

/// `stream! { .. }`
pub(crate) const STREAM: Form = Form {
    name: "stream",
    fallible: false,
};

/// `try_stream! { .. }`
pub(crate) const TRY_STREAM: Form = Form {
    name: "try_stream",
    fallible: true,
};

/// The code, or tokens that are not Rust, or not yet.
enum Ast {
    Code(Vec<Stmt>),
    Unparsed(TokenStream),
}

struct Model<'a> {
    krate: &'a TokenStream,
    form: Form,
    code: TokenStream,
}

/// Expands the macro `form`.
pub(crate) fn stream(form: Form, krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let ast = parse(input);
    let model = check::check(form, krate, ast, &mut report);
    report.in_expression(expand::expand(&model))
}

fn parse(input: TokenStream) -> Ast {
    match Block::parse_within.parse2(input.clone()) {
        Ok(code) => Ast::Code(code),
        Err(_) => Ast::Unparsed(input),
    }
}
