//! Assertions about the user's types, placed at them.
//!
//! Without them the generated code would not compile either, but say so in words of its own and at
//! places that the user has not written. They come first, so that rustc reports them first.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Generics, Type};

/// What a type has to be.
pub(super) struct Assertion<'a> {
    /// The trait in `actor::check`.
    pub(super) is: &'static str,
    pub(super) of: &'a Type,
    /// The conditions under which it is there.
    pub(super) conditions: Vec<&'a Attribute>,
}

/// Functions that assert them, and are not called. In a where clause they are looked at before any
/// body is.
pub(super) fn assertions(
    krate: &TokenStream,
    generics: &Generics,
    assertions: &[Assertion<'_>],
) -> TokenStream {
    // What depends on parameters would be assumed there, not checked.
    if !generics.params.is_empty() {
        return TokenStream::new();
    }
    let all = assertions.iter().enumerate().map(|(at, assertion)| {
        let Assertion { is, of, conditions } = assertion;
        let name = format_ident!("__assertion_{at}");
        let is = Ident::new(is, of.span());
        let krate = placed(krate, of.span());
        let bound = quote_spanned!(of.span()=> #of: #krate::actor::check::#is);
        quote! {
            #(#conditions)*
            #[allow(dead_code, trivial_bounds)]
            fn #name() where #bound {}
        }
    });
    quote!(#(#all)*)
}

/// The path at another place: a bound is marked there only if all of it is.
pub(crate) fn placed(path: &TokenStream, span: Span) -> TokenStream {
    let place = |mut tree: TokenTree| {
        tree.set_span(span);
        tree
    };
    path.clone().into_iter().map(place).collect()
}
