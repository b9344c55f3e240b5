//! Which messages make the actor accept their argument's type, whoever sends it.
//!
//! A type leads to one message at most. Whether two types are the same is known here only by how
//! they are written; where an alias or a type parameter hides it, rustc finds the two.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics};

use super::super::block;
use super::check::{Message, Model};
use super::expand::conditions;
use crate::report::{Report, mistake_with_help};

/// Marks the messages that are accepted by their type.
pub(super) fn choose(model: &mut Model, report: &mut Report) {
    let mut chosen: Vec<usize> = Vec::new();
    for (at, each) in model.messages.iter().enumerate() {
        let Some(word) = &each.accept else { continue };
        if each.arguments.len() != 1 {
            report.push(mistake_with_help(
                word,
                format_args!(
                    "`accept` is for a message with one argument, and `{}` has {}",
                    each.method,
                    each.arguments.len()
                ),
                "put the values into one struct, or remove `accept`",
            ));
        } else if let Some(before) = chosen.iter().find(|before| {
            let before = &model.messages[**before];
            written(before) == written(each) && !(is_conditional(before) && is_conditional(each))
        }) {
            let before = &model.messages[*before].method;
            report.push(mistake_with_help(
                word,
                format_args!("`{before}` accepts the same type"),
                "remove `accept` from one of them",
            ));
        } else {
            chosen.push(at);
        }
    }
    if chosen.is_empty() {
        let marked = |each: &&Message| each.marked && each.arguments.len() == 1;
        let candidates: Vec<&Message> = model.messages.iter().filter(marked).collect();
        for (at, each) in model.messages.iter().enumerate() {
            let same = |other: &&&Message| written(other) == written(each);
            let alone = candidates.iter().filter(same).count() == 1;
            // A parameter may turn out to be any of the other types.
            let any = mentions(each, &model.generics) && candidates.len() > 1;
            if marked(&each) && alone && !any {
                chosen.push(at);
            }
        }
    }
    for at in chosen {
        model.messages[at].accepted = true;
    }
}

fn written(message: &Message) -> Option<String> {
    let (_, of) = message.arguments.first()?;
    Some(of.to_token_stream().to_string())
}

fn is_conditional(message: &Message) -> bool {
    !conditions(&message.attributes).is_empty()
}

/// Whether the argument's type depends on a parameter of the impl.
fn mentions(message: &Message, generics: &Generics) -> bool {
    let names: Vec<String> = generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(of) => Some(of.ident.to_string()),
            GenericParam::Const(of) => Some(of.ident.to_string()),
            _ => None,
        })
        .collect();
    let arguments = message.arguments.iter();
    arguments
        .map(|(_, of)| of.to_token_stream())
        .any(|tokens| has_one_of(tokens, &names))
}

fn has_one_of(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(name) => names.contains(&name.to_string()),
        TokenTree::Group(group) => has_one_of(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The impls of `Accepts`.
pub(super) fn expand(model: &Model, message: &proc_macro2::Ident) -> TokenStream {
    let Model {
        krate,
        generics,
        actor,
        ..
    } = model;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    model
        .messages
        .iter()
        .filter(|each| each.accepted)
        .map(|each| {
            let cfg = conditions(&each.attributes);
            let of = each.arguments.iter().map(|(_, of)| of).next();
            let method = &each.method;
            // Two of the same type are an error of rustc's, which is to mark the types.
            let implement = quote_spanned! {of.span()=>
                impl #impl_generics #krate::actor::Accepts<#of> for #actor
            };
            let body = block(
                of.span(),
                quote! {
                    fn accept(argument: #of) -> Self::Message {
                        #message::#method((argument,), #krate::actor::Reply::unasked())
                    }

                    fn hand_back(message: Self::Message) -> #of {
                        match message {
                            #message::#method((argument,), _) => argument,
                            #[allow(unreachable_patterns)]
                            _ => ::core::unreachable!(),
                        }
                    }
                },
            );
            quote! {
                #(#cfg)*
                #[automatically_derived]
                #implement #where_clause #body
            }
        })
        .collect()
}
