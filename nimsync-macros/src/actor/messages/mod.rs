//! `#[actor]` on an impl: its methods become messages.

mod accept;
mod arguments;
mod check;
mod concurrent;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use super::options::{self, Options};
use crate::report::{Report, mistake_with_help};

/// Expands the attribute on an impl.
pub(super) fn messages(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let Options { krate, .. } = options::check(options, &["crate"], &mut report);
    let Ok(ast) = syn::parse2::<parse::Ast>(item.clone()) else {
        // Half typed: rustc says what is missing.
        return item;
    };
    if let Some(of_trait) = &ast.of_trait {
        let actor = &ast.actor;
        let name = quote!(#actor).to_string();
        report.push(mistake_with_help(
            of_trait,
            "`#[actor]` goes on an inherent impl, and this one is of a trait",
            format_args!("write `impl {name} {{ .. }}`"),
        ));
        let mistakes = report.into_tokens();
        return quote!(#mistakes #item);
    }
    let model = check::check(ast, krate, &mut report);
    let mistakes = report.into_tokens();
    let expansion = expand::expand(&model);
    quote!(#mistakes #expansion)
}
