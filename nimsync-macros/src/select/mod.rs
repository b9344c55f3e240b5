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

use proc_macro2::TokenStream;

/// The whole way. On errors: all of them, and nothing else.
pub(crate) fn select(tokens: TokenStream) -> TokenStream {
    let ast = match syn::parse2::<parse::Select>(tokens) {
        Ok(ast) => ast,
        Err(error) => return error.into_compile_error(),
    };
    match check::check(ast) {
        Ok(model) => expand::expand(&model),
        Err(error) => error.into_compile_error(),
    }
}
