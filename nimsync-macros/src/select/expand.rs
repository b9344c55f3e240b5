//! From the model to code. An arm whose pattern does not match, or whose condition is false, is disabled for this `select!`.
//!
//! ```text
//! {
//!     enum Output<..one a arm..> { A0(T0), A1(T1), Default, Else }
//!     let output = {
//!         let mut disabled = ..;                     // a bit an arm, from the conditions
//!         let mut futures = (f0, f1);                // a future of a disabled arm is not made
//!         poll_fn(|cx| each arm in order: ready and matching => its output).await
//!     };                                             // all futures are dropped here, before the body runs
//!     match output { A0(pattern) => body, .. }
//! }
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::check::Model;

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let krate = model.krate;
    let count = model.arms.len();
    // Names of ours do not meet the user's.
    let ours = Span::mixed_site();
    let private = quote!(#krate::__private::select);
    let names: Vec<Ident> = (0..count)
        .map(|i| Ident::new(&format!("Arm{i}"), Span::mixed_site()))
        .collect();
    let slots: Vec<Ident> = (0..count)
        .map(|i| format_ident!("slot{i}", span = Span::mixed_site()))
        .collect();
    let indices = 0..count as u32;

    let make = model.arms.iter().zip(&slots).map(|(arm, slot)| {
        let future = &arm.future;
        // At the user's code, where rustc says that it is no future.
        let at = ours.located_at(future.span());
        match &arm.condition {
            None => quote_spanned! {at=>
                let mut #slot = #private::pin!(#private::Some(#private::into_future(#future)));
            },
            Some(condition) => quote_spanned! {at=>
                let mut #slot = #private::pin!(if #condition {
                    #private::Some(#private::into_future(#future))
                } else {
                    #private::None
                });
            },
        }
    });
    let polls = model.arms.iter().zip(&slots).zip(&names).zip(indices).map(
        |(((arm, slot), name), index)| {
            // Asks only whether it matches, which moves nothing: the bindings come with the body.
            let pattern = without_bindings(&arm.pattern);
            let poll = quote_spanned! {ours.located_at(arm.future.span())=>
                #private::poll_arm(#slot.as_mut(), cx)
            };
            quote_spanned! {ours=>
                #index => match #poll {
                    #private::Arm::Ready(value) => {
                        #[allow(unused_variables, unreachable_patterns, clippy::all)]
                        if match value { #pattern => true, _ => false } {
                            return #private::Poll::Ready(SelectOutput::#name(value));
                        }
                        // Done, and not what was asked for.
                        #slot.set(#private::None);
                    }
                    #private::Arm::Pending => waiting = true,
                    #private::Arm::Disabled => {}
                },
            }
        },
    );
    let bodies = model.arms.iter().zip(&names).map(|(arm, name)| {
        let (pattern, body) = (&arm.pattern, &arm.body);
        quote_spanned! {ours=>
            SelectOutput::#name(value) => {
                #[allow(unreachable_patterns)]
                match value {
                    #pattern => #body,
                    _ => #private::matched_before(),
                }
            }
        }
    });
    let otherwise = match &model.otherwise {
        Some(body) => quote!(#body),
        None => quote!(#private::nothing_left()),
    };
    let (default_pending, default_body) = match &model.default {
        Some(body) => (
            quote!(#private::Poll::Ready(SelectOutput::Default)),
            quote!(#body),
        ),
        None => (
            quote!(#private::Poll::Pending),
            quote!(#private::matched_before()),
        ),
    };
    let poll = match &model.default {
        Some(_) => quote!(#private::poll_now),
        None => quote!(#private::poll_fn),
    };
    let count_tokens = count as u32;
    let start = if model.biased {
        quote_spanned!(ours=> 0_u32)
    } else {
        quote!(#private::start(#count_tokens))
    };
    quote_spanned! {ours=> {
        #[allow(dead_code)]
        enum SelectOutput<#(#names),*> { #(#names(#names),)* Default, Else }
        let output = {
            #(#make)*
            #poll(|cx| {
                let start = #start;
                let mut waiting = false;
                for offset in 0..#count_tokens {
                    let turn = start + offset;
                    match if turn < #count_tokens { turn } else { turn - #count_tokens } {
                        #(#polls)*
                        _ => {}
                    }
                }
                if waiting { #default_pending } else { #private::Poll::Ready(SelectOutput::Else) }
            })
            .await
        };
        match output {
            #(#bodies)*
            SelectOutput::Default => #default_body,
            SelectOutput::Else => #otherwise,
        }
    }}
}

/// The pattern with each binding made a wildcard, so that a value can be matched without moving or
/// shadowing anything.
fn without_bindings(pattern: &syn::Pat) -> syn::Pat {
    use syn::Pat;

    let mut pattern = pattern.clone();
    match &mut pattern {
        Pat::Ident(ident) => match &ident.subpat {
            Some((_, inner)) => return without_bindings(inner),
            // `None`, or a constant, looks like a binding; these begin with a capital.
            None if ident.ident.to_string().starts_with(char::is_uppercase) => {}
            None => return Pat::Verbatim(quote!(_)),
        },
        Pat::Tuple(tuple) => tuple
            .elems
            .iter_mut()
            .for_each(|p| *p = without_bindings(p)),
        Pat::TupleStruct(tuple) => tuple
            .elems
            .iter_mut()
            .for_each(|p| *p = without_bindings(p)),
        Pat::Struct(fields) => fields.fields.iter_mut().for_each(|field| {
            if field.colon_token.is_none() {
                field.colon_token = Some(Default::default());
            }
            *field.pat = without_bindings(&field.pat);
        }),
        Pat::Slice(slice) => slice
            .elems
            .iter_mut()
            .for_each(|p| *p = without_bindings(p)),
        Pat::Or(or) => or.cases.iter_mut().for_each(|p| *p = without_bindings(p)),
        Pat::Paren(paren) => *paren.pat = without_bindings(&paren.pat),
        Pat::Reference(reference) => *reference.pat = without_bindings(&reference.pat),
        Pat::Type(typed) => return without_bindings(&typed.pat),
        _ => {}
    }
    pattern
}
