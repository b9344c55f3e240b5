//! `#[actor]` on a struct: its handle.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, ItemStruct, Token, Type, Visibility};

use super::assertion::{Assertion, assertions};
use super::options::{self, Options};
use super::{block, handle_name, own};
use crate::report::Report;
use crate::settings::Call;

/// The beginning of a struct; the fields do not matter.
struct Ast {
    visibility: Visibility,
    name: Ident,
    generics: Generics,
}

struct Model {
    visibility: Visibility,
    actor: Ident,
    handle: Ident,
    generics: Generics,
    krate: TokenStream,
    builder: Vec<Call>,
    /// Of its fields.
    types: Vec<Type>,
}

impl Parse for Ast {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        input.parse::<Token![struct]>()?;
        let name = input.parse()?;
        let mut generics: Generics = input.parse()?;
        if input.peek(Token![where]) {
            generics.where_clause = input.parse()?;
        } else {
            // Of a tuple struct: behind the fields.
            let rest = input.fork();
            while !rest.is_empty() && !rest.peek(Token![where]) {
                rest.parse::<proc_macro2::TokenTree>()?;
            }
            generics.where_clause = rest.parse()?;
        }
        input.parse::<TokenStream>()?;
        Ok(Self {
            visibility,
            name,
            generics,
        })
    }
}

pub(super) fn structure(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let ast = match syn::parse2::<Ast>(item.clone()) {
        Ok(ast) => ast,
        Err(_) => {
            // Half typed: rustc says what is missing.
            return item;
        }
    };
    let model = check(ast, types(&item), options, &mut report);
    let handle = expand(&model);
    let mistakes = report.into_tokens();
    quote!(#mistakes #item #handle)
}

/// The types of the fields, if the struct is complete.
fn types(item: &TokenStream) -> Vec<Type> {
    let parsed = syn::parse2::<ItemStruct>(item.clone());
    parsed.map_or_else(
        |_| Vec::new(),
        |item| item.fields.into_iter().map(|field| field.ty).collect(),
    )
}

fn check(ast: Ast, types: Vec<Type>, options: TokenStream, report: &mut Report) -> Model {
    let names = ["mailbox", "full", "concurrent", "stop_within", "crate"];
    let Options { krate, builder } = options::check(options, &names, report);
    let handle = handle_name(&ast.name);
    Model {
        visibility: ast.visibility,
        actor: ast.name,
        handle,
        generics: ast.generics,
        krate,
        builder,
        types,
    }
}

fn expand(model: &Model) -> TokenStream {
    let Model {
        visibility,
        actor,
        handle,
        generics,
        krate,
        builder,
        types,
    } = model;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let defined = definition(generics);
    let doc = format!(" The handle of the actor [`{actor}`]: its messages are its methods.");
    let name = handle.to_string();
    let formatter = own("formatter", actor.span());
    let address = quote!(#krate::actor::Addr<#actor #type_generics>);
    // Only where the type is generic: elsewhere the bound would be checked here as well as at
    // `Actor`, and say the same twice.
    let sendable = (!generics.params.is_empty()).then(|| {
        let predicates = where_clause.map(|clause| &clause.predicates);
        let comma = predicates
            .filter(|predicates| !predicates.empty_or_trailing())
            .map(|_| quote!(,));
        quote!(where #predicates #comma Self: ::core::marker::Send + 'static)
    });
    let sendable = sendable.or_else(|| where_clause.map(|clause| quote!(#clause)));
    let options = (!builder.is_empty()).then(|| {
        quote! {
            const OPTIONS: #krate::actor::ActorOptions = {
                #[allow(unused_imports)]
                use #krate::actor::Full;
                #krate::actor::ActorOptions::new() #(#builder)*
            };
        }
    });
    let all: Vec<_> = types.iter().map(state).collect();
    let assertions = assertions(krate, generics, &all);
    let assertions = (!assertions.is_empty()).then(|| quote!(const _: () = { #assertions };));
    let implement = quote_spanned!(actor.span()=> impl #impl_generics #krate::actor::Actor for #actor #type_generics);
    let body = block(
        actor.span(),
        quote! {
            type Handle = #handle #type_generics;

            #options

            fn handle(address: #krate::actor::Addr<Self>) -> #handle #type_generics {
                #handle(address)
            }
        },
    );
    quote! {
        #assertions

        #[doc = #doc]
        #visibility struct #handle #defined (#address) #where_clause;

        #[automatically_derived]
        impl #impl_generics ::core::clone::Clone for #handle #type_generics #where_clause {
            fn clone(&self) -> Self {
                Self(::core::clone::Clone::clone(&self.0))
            }
        }

        #[automatically_derived]
        impl #impl_generics ::core::cmp::PartialEq for #handle #type_generics #where_clause {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        #[automatically_derived]
        impl #impl_generics ::core::cmp::Eq for #handle #type_generics #where_clause {}

        #[automatically_derived]
        impl #impl_generics ::core::hash::Hash for #handle #type_generics #where_clause {
            fn hash<__State: ::core::hash::Hasher>(&self, state: &mut __State) {
                ::core::hash::Hash::hash(&self.0, state);
            }
        }

        #[automatically_derived]
        impl #impl_generics ::core::fmt::Debug for #handle #type_generics #where_clause {
            fn fmt(&self, #formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #formatter.debug_tuple(#name).field(&self.0).finish()
            }
        }

        #[automatically_derived]
        impl #impl_generics ::core::ops::Deref for #handle #type_generics #where_clause {
            type Target = #address;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        #[automatically_derived]
        #implement #sendable #body
    }
}

fn state(of: &Type) -> Assertion<'_> {
    Assertion {
        is: "State",
        of,
        conditions: Vec::new(),
    }
}

/// The parameters as a definition has them, with their bounds and defaults.
fn definition(generics: &Generics) -> TokenStream {
    let params = &generics.params;
    if params.is_empty() {
        TokenStream::new()
    } else {
        quote!(<#params>)
    }
}
