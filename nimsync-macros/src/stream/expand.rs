//! The expansion.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::Model;

pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let Model { krate, form, code } = model;
    let span = Span::mixed_site();
    let end = if form.fallible {
        quote_spanned! {span=>
            #krate::__private::stream::last(async {
                #code
                #[allow(unreachable_code)]
                { #krate::__private::Ok(()) }
            }.await)
        }
    } else {
        quote_spanned! {span=>
            #code
            #[allow(unreachable_code)]
            { #krate::__private::stream::None }
        }
    };
    quote_spanned! {span=>
        #krate::__private::stream::source(
            #[allow(unused_mut, unused_variables)]
            |mut __yielder| async move { #end }
        )
    }
}
