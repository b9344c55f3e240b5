//! What a supervisor expands to.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::check::{Arg, Model};
use super::child::Child;
use crate::actor::{duration_tokens, own, placed};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model {
        krate,
        attributes,
        visibility,
        name,
        args,
        children,
        ..
    } = model;
    let [tree, system, this, text, above, below, spec, given] = [
        "__tree", "__system", "this", "text", "above", "below", "spec", "given",
    ]
    .map(|it| own(it, name.span()));
    let fields = children.iter().map(|child| {
        let (name, documentation) = (&child.name, &child.documentation);
        let held = held(krate, child);
        quote!(#(#documentation)* #name: #held)
    });
    let arg_fields = args.iter().map(|arg| {
        let Arg {
            name,
            documentation,
            ty,
        } = arg;
        quote!(#(#documentation)* #[allow(dead_code)] #name: #ty)
    });
    let arg_names: Vec<_> = args.iter().map(|arg| &arg.name).collect();
    let arg_types: Vec<_> = args.iter().map(|arg| &arg.ty).collect();
    let names: Vec<_> = children.iter().map(|child| &child.name).collect();
    let declare = declare(model, &tree);
    let methods = children.iter().map(|child| method(model, child));
    // That one is no child is said at its field. Here it is taken for granted, not asked for again.
    let conditions = children.iter().map(|child| {
        let ty = &child.ty;
        quote!(for<'granted> #ty: #krate::actor::Declare,)
    });
    let granted = quote!(where #(#conditions)*);
    quote! {
        #(#attributes)*
        #visibility struct #name {
            #(#arg_fields,)*
            #(#fields,)*
            #tree: #krate::actor::Tree,
        }

        #[automatically_derived]
        #[allow(dead_code, trivial_bounds)]
        impl #name #granted {
            /// Starts the children, one after the other, in a system of their own that belongs to
            /// the calling task.
            ///
            /// # Errors
            ///
            /// The failure of the first one that does not start.
            #visibility async fn start(
                #(#arg_names: #arg_types),*
            ) -> ::core::result::Result<Self, #krate::actor::Failure> {
                let #system = #krate::actor::ActorSystem::new();
                let mut #this = Self::start_in(&#system, #(#arg_names),*).await?;
                #this.#tree.own(#system);
                ::core::result::Result::Ok(#this)
            }

            /// Starts the children, one after the other, in a system.
            ///
            /// # Errors
            ///
            /// The failure of the first one that does not start.
            #visibility async fn start_in(
                #system: &#krate::actor::ActorSystem,
                #(#arg_names: #arg_types),*
            ) -> ::core::result::Result<Self, #krate::actor::Failure> {
                let #text = ::core::stringify!(#name);
                let (#this, #above) = Self::__declare(#system, #text, #(#arg_names),*);
                #above.start().await?;
                ::core::result::Result::Ok(#this)
            }

            /// Stops the children, the last one first.
            ///
            /// # Errors
            ///
            /// If the supervisor has failed.
            #visibility async fn stop(self) -> ::core::result::Result<(), #krate::GroupError> {
                self.#tree.stop().await
            }

            /// Returns the supervisor, to stop it or to wait for its end.
            #visibility fn supervised(&self) -> &#krate::actor::Supervised {
                self.#tree.supervised()
            }

            #(#methods)*

            #declare
        }

        #[automatically_derived]
        #[allow(trivial_bounds)]
        impl #krate::actor::Declare for #name #granted {
            type Held = Self;
            type Args = (#(#arg_types,)*);

            #[track_caller]
            fn declare(
                #above: &mut #krate::actor::Supervisor<'_>,
                #spec: #krate::actor::ChildSpec,
                mut #given: impl ::core::ops::FnMut() -> Self::Args + ::core::marker::Send + 'static,
            ) -> Self {
                let (#(#arg_names,)*) = #given();
                let #text = #spec.name().to_owned();
                let (#this, #below) = Self::__declare(#above.system(), #text, #(#arg_names),*);
                #above.supervise(#spec.lifetime(), #below);
                #this
            }
        }

        /// A clone has the same children. It does not own their system.
        #[automatically_derived]
        #[allow(trivial_bounds)]
        impl ::core::clone::Clone for #name #granted {
            fn clone(&self) -> Self {
                Self {
                    #(#arg_names: ::core::clone::Clone::clone(&self.#arg_names),)*
                    #(#names: ::core::clone::Clone::clone(&self.#names),)*
                    #tree: ::core::clone::Clone::clone(&self.#tree),
                }
            }
        }
    }
}

/// The function that declares the supervisor and all below it.
fn declare(model: &Model, tree: &Ident) -> TokenStream {
    let Model {
        krate,
        name,
        strategy,
        restarts,
        backoff,
        args,
        children,
        ..
    } = model;
    let [system, declared, text] =
        ["__system", "supervisor", "text"].map(|it| own(it, name.span()));
    let restarts = restarts.as_ref().map(|(most, within)| {
        let within = duration_tokens(*within);
        quote!(.restarts(#most, #within))
    });
    let backoff = backoff.map(|(first, longest)| {
        let (first, longest) = (duration_tokens(first), duration_tokens(longest));
        quote!(.backoff(#first, #longest))
    });
    let arg_names: Vec<_> = args.iter().map(|arg| &arg.name).collect();
    let arg_types = args.iter().map(|arg| &arg.ty);
    let names: Vec<_> = children.iter().map(|child| &child.name).collect();
    let made = children.iter().enumerate().map(|(at, child)| {
        let before = names[..at].iter().copied();
        let used = before.filter(|name| mentions(&child.arguments, name));
        let used: Vec<_> = arg_names.iter().copied().chain(used).collect();
        make(krate, child, &declared, &used)
    });
    quote! {
        #[doc(hidden)]
        fn __declare<'a>(
            #system: &'a #krate::actor::ActorSystem,
            #text: impl ::core::convert::Into<::std::sync::Arc<::core::primitive::str>>,
            #(#arg_names: #arg_types),*
        ) -> (Self, #krate::actor::Supervisor<'a>) {
            let mut #declared = #system
                .supervisor(#krate::actor::Strategy::#strategy)
                .named(#text)
                #restarts
                #backoff;
            #(#made)*
            let #tree = #krate::actor::Tree::of(&#declared);
            (Self { #(#arg_names,)* #(#names,)* #tree }, #declared)
        }
    }
}

/// The type of a child's field.
fn held(krate: &TokenStream, child: &Child) -> TokenStream {
    let one = held_each(krate, child);
    match child.pool {
        Some(_) => {
            let krate = placed(krate, child.ty.span());
            quote_spanned!(child.ty.span()=> #krate::actor::Pool<#one>)
        }
        None => one,
    }
}

fn held_each(krate: &TokenStream, child: &Child) -> TokenStream {
    let declare = declare_of(krate, child);
    quote_spanned!(child.ty.span()=> #declare::Held)
}

/// `<Type as Declare>`, at the user's type: that it is no child is said there, and rustc says the same at
/// the same place once.
fn declare_of(krate: &TokenStream, child: &Child) -> TokenStream {
    let (ty, at) = (&child.ty, child.ty.span());
    let krate = placed(krate, at);
    quote_spanned!(at=> <#ty as #krate::actor::Declare>)
}

/// Whether a name occurs in code.
fn mentions(code: &TokenStream, name: &Ident) -> bool {
    code.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn ends_in_comma(code: &TokenStream) -> bool {
    let last = code.clone().into_iter().last();
    matches!(last, Some(TokenTree::Punct(comma)) if comma.as_char() == ',')
}

/// The statement that declares a child, which may use some values in its arguments.
fn make(krate: &TokenStream, child: &Child, declared: &Ident, used: &[&Ident]) -> TokenStream {
    let Child {
        name,
        ty,
        lifetime,
        arguments,
        builder,
        ..
    } = child;
    let options = (!builder.is_empty()).then(|| {
        quote!(.options({
            #[allow(unused_imports)]
            use #krate::actor::Full;
            <#ty as #krate::actor::Actor>::OPTIONS #(#builder)*
        }))
    });
    // Each child has values of its own, and each incarnation.
    let used = if arguments.is_empty() { &[] } else { used };
    let values: Vec<_> = used
        .iter()
        .map(|name| {
            quote! {
                #[allow(unused_variables)]
                let #name = ::core::clone::Clone::clone(&#name);
            }
        })
        .collect();
    let comma = (!ends_in_comma(arguments)).then(|| quote!(,));
    let given = match arguments.is_empty() {
        true => quote!(()),
        false => quote!({ #(#values)* (#arguments #comma) }),
    };
    let text = name.to_string();
    let one = |text: TokenStream| {
        let declare = declare_of(krate, child);
        let arguments = quote! {
            &mut #declared,
            #krate::actor::ChildSpec::new(#text, #krate::actor::Lifetime::#lifetime) #options,
            move || #given,
        };
        // The call is at the field, where the child comes from.
        let call = quote_spanned!(child.ty.span()=> #declare::declare(#arguments));
        quote!(#(#values)* #call)
    };
    match &child.pool {
        None => {
            let one = one(quote!(#text));
            quote!(let #name = { #one };)
        }
        Some((count, _)) => {
            let number = own("__number", name.span());
            let text = format!("{text} {{}}");
            let one = one(quote!(::std::format!(#text, #number)));
            quote! {
                let #name = #krate::actor::Pool::new(
                    (0..#count).map(|#number: usize| { #one }).collect(),
                );
            }
        }
    }
}

/// The method that returns what is held of a child.
fn method(model: &Model, child: &Child) -> TokenStream {
    let Model {
        krate, visibility, ..
    } = model;
    let Child {
        name,
        documentation,
        pool,
        ..
    } = child;
    let held = held_each(krate, child);
    let otherwise = documentation.is_empty().then(|| {
        let text = format!(" Returns the child `{name}`.");
        quote!(#[doc = #text])
    });
    match pool {
        None => quote! {
            #(#documentation)* #otherwise
            #visibility fn #name(&self) -> &#held {
                &self.#name
            }
        },
        Some((_, false)) => quote! {
            #(#documentation)* #otherwise
            #visibility fn #name(&self) -> &#held {
                self.#name.next()
            }
        },
        Some((_, true)) => quote! {
            #(#documentation)* #otherwise
            #visibility fn #name(&self, key: &(impl ::core::hash::Hash + ?::core::marker::Sized)) -> &#held {
                self.#name.by_key(key)
            }
        },
    }
}
