//! What a supervisor expands to.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::check::{Child, Model};
use crate::actor::{duration_tokens, own};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model {
        krate,
        attributes,
        visibility,
        name,
        strategy,
        restarts,
        backoff,
        children,
    } = model;
    let [system, declared, supervised] =
        ["__system", "supervisor", "__supervised"].map(|it| own(it, name.span()));
    let restarts = restarts.as_ref().map(|(most, within)| {
        let within = duration_tokens(*within);
        quote!(.restarts(#most, #within))
    });
    let backoff = backoff.map(|(first, longest)| {
        let (first, longest) = (duration_tokens(first), duration_tokens(longest));
        quote!(.backoff(#first, #longest))
    });
    let names = children.iter().map(|child| &child.name);
    let fields = children.iter().map(|child| {
        let (name, documentation) = (&child.name, &child.documentation);
        let held = held(krate, child);
        quote!(#(#documentation)* #name: #held)
    });
    let made = children.iter().map(|child| make(krate, child, &declared));
    let methods = children.iter().map(|child| method(model, child));
    quote! {
        #(#attributes)*
        #visibility struct #name {
            #(#fields,)*
            #supervised: #krate::actor::Supervised,
            #system: #krate::actor::ActorSystem,
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl #name {
            /// Starts the children, one after the other, in the calling task.
            ///
            /// # Errors
            ///
            /// The failure of the first one that does not start.
            #visibility async fn start() -> ::core::result::Result<Self, #krate::actor::Failure> {
                let #system = #krate::actor::ActorSystem::new();
                let mut #declared = #system.supervisor(#krate::actor::Strategy::#strategy) #restarts #backoff;
                #(#made)*
                let #supervised = #declared.start().await?;
                ::core::result::Result::Ok(Self { #(#names,)* #supervised, #system })
            }

            /// Stops the children, the last one first.
            ///
            /// # Errors
            ///
            /// If the supervisor has failed.
            #visibility async fn stop(self) -> ::core::result::Result<(), #krate::GroupError> {
                #krate::actor::ActorSystem::stop(self.#system).await
            }

            #(#methods)*
        }
    }
}

/// The type of a child's field.
fn held(krate: &TokenStream, child: &Child) -> TokenStream {
    let actor = &child.actor;
    let handle = quote!(<#actor as #krate::actor::Actor>::Handle);
    match child.pool {
        Some(_) => quote!(#krate::actor::Pool<#handle>),
        None => handle,
    }
}

fn make(krate: &TokenStream, child: &Child, declared: &proc_macro2::Ident) -> TokenStream {
    let Child {
        name,
        actor,
        lifetime,
        arguments,
        ..
    } = child;
    let comma = (!arguments.is_empty()).then(|| quote!(,));
    let text = name.to_string();
    // All of it at the actor's type: an actor without `#[init]` is found wrong in several places,
    // which rustc says once if they are one.
    let init = quote_spanned! {actor.span()=>
        <#actor as #krate::actor::Init>::init((#arguments #comma))
    };
    let one = |text: TokenStream| {
        quote! {
            #declared.named_child::<#actor, _, _>(#text, #krate::actor::Lifetime::#lifetime, || #init)
        }
    };
    match &child.pool {
        None => {
            let one = one(quote!(#text));
            quote!(let #name = #one;)
        }
        Some((count, _)) => {
            let text = format!("{text} {{}}");
            let one = one(quote!(::std::format!(#text, number)));
            quote! {
                let #name = #krate::actor::Pool::new((0..#count).map(|number: usize| #one).collect());
            }
        }
    }
}

fn method(model: &Model, child: &Child) -> TokenStream {
    let Model {
        krate, visibility, ..
    } = model;
    let Child {
        name,
        documentation,
        actor,
        pool,
        ..
    } = child;
    let handle = quote!(<#actor as #krate::actor::Actor>::Handle);
    let otherwise = documentation.is_empty().then(|| {
        let text = format!(" Returns the handle of the child `{name}`.");
        quote!(#[doc = #text])
    });
    match pool {
        None => quote! {
            #(#documentation)* #otherwise
            #visibility fn #name(&self) -> &#handle {
                &self.#name
            }
        },
        Some((_, false)) => quote! {
            #(#documentation)* #otherwise
            #visibility fn #name(&self) -> &#handle {
                self.#name.next()
            }
        },
        Some((_, true)) => quote! {
            #(#documentation)* #otherwise
            #visibility fn #name(&self, key: &(impl ::core::hash::Hash + ?::core::marker::Sized)) -> &#handle {
                self.#name.by_key(key)
            }
        },
    }
}
