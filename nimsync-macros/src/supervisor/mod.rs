//! `#[supervisor]`: a struct whose fields are the children.
//!
//! `check` has the rules for the whole and `child` those for a field, with `options` for what both
//! have; `expand` writes calls of the declaring functions.

mod check;
mod child;
mod expand;
mod options;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Fields, ItemStruct};

use crate::report::{Report, mistake_with_help};

/// Expands the attribute.
pub(crate) fn supervisor(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let Ok(ast) = syn::parse2::<ItemStruct>(item.clone()) else {
        report.push(mistake_with_help(
            &item,
            "`#[supervisor]` goes on a struct with named fields: its children",
            "write `struct App { #[child] db: Db }`",
        ));
        let mistakes = report.into_tokens();
        return quote!(#mistakes #item);
    };
    if !matches!(ast.fields, Fields::Named(_)) {
        report.push(mistake_with_help(
            &ast.ident,
            "`#[supervisor]` goes on a struct with named fields: its children",
            format_args!("write `struct {} {{ #[child] db: Db }}`", ast.ident),
        ));
        let mistakes = report.into_tokens();
        return quote!(#mistakes #item);
    }
    let model = check::check(ast, options, &mut report);
    let mistakes = report.into_tokens();
    let expansion = expand::expand(&model);
    quote!(#mistakes #expansion)
}
