//! `select!`: parse, check, expand.
//!
//! ```text
//! select! {
//!     biased;                              // optional, first
//!     pattern = future => body,            // arms; a comma may follow a block
//!     pattern = future, if condition => body,
//!     default => body,                     // nothing is ready now
//!     else => body,                        // nothing can become ready
//! }
//! ```

mod check;
mod expand;
mod parse;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use crate::report::Report;

/// Expands `select!`. What does not parse is reported alone.
pub(crate) fn select(krate: &TokenStream, input: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let model = match syn::parse2(input) {
        Ok(ast) => check::check(krate, ast, &mut report),
        Err(mistake) => {
            report.push(mistake);
            None
        }
    };
    report.in_expression(model.as_ref().map(expand::expand).unwrap_or_default())
}
