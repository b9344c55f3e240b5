//! Mistakes in what the user wrote.
//!
//! A message is a rule or a fact, lowercase, without a full stop, with code in backticks, and at
//! most one `help` that shows the corrected code. It names only what the user can see.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Error;

/// A mistake at the tokens `at`. What is missing altogether is at the runtime's `$crate`, which
/// rustc shows as the whole call of the macro.
pub(crate) fn mistake(at: impl ToTokens, rule: impl Display) -> Error {
    Error::new_spanned(at, rule)
}

/// A mistake at the tokens `at`, and what to write instead.
pub(crate) fn mistake_with_help(
    at: impl ToTokens,
    rule: impl Display,
    help: impl Display,
) -> Error {
    // rustc aligns the second line below the first, where it looks like a `help:` of its own.
    Error::new_spanned(at, format!("{rule}\nhelp: {help}"))
}

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Report(Option<Error>);

impl Report {
    pub(crate) fn push(&mut self, mistake: Error) {
        match &mut self.0 {
            Some(all) => all.combine(mistake),
            none => *none = Some(mistake),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the mistakes as items or statements.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.map(Error::into_compile_error).unwrap_or_default()
    }

    /// Puts the mistakes in front of what an expression macro expands to. The expansion stays,
    /// repaired by `check`, so that editors go on working in the user's code and rustc finds a
    /// value of the right type. Without one the mistake itself is the value, which rustc accepts
    /// for every type.
    pub(crate) fn in_expression(self, expansion: TokenStream) -> TokenStream {
        if self.is_empty() {
            return expansion;
        }
        let mistakes = self.into_tokens();
        quote!({ #mistakes #expansion })
    }
}
