//! What an actor's impl expands to: the message type, the dispatch, the methods of the handle.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{GenericParam, Type};

use super::super::assertion::{Assertion, assertions};
use super::super::options::duration_tokens;
use super::super::{block, handle_name, own};
use super::accept;
use super::check::{Hook, Message, Model};
use super::concurrent;

pub(super) fn expand(model: &Model) -> TokenStream {
    let item = &model.item;
    let Some(name) = &model.name else {
        return quote!(#item);
    };
    if model.messages.is_empty() {
        return quote!(#item);
    }
    // Items have no hygiene, and the user may have a `Message`.
    let message = own(&format!("__{name}Message"), name.span());
    let enumeration = enumeration(model, &message);
    let behavior = behavior(model, name, &message);
    let handle = handle(model, name, &message);
    let accepts = accept::expand(model, &message);
    let assertions = assertions_of(model);
    let init = init(model, name);
    quote! {
        #item

        const _: () = {
            #assertions
            #enumeration
            #behavior
            #handle
            #accepts
            #init
        };
    }
}

/// What the types of arguments and replies have to be.
fn assertions_of(model: &Model) -> TokenStream {
    let mut all = Vec::new();
    for each in &model.messages {
        let assert = |is, of| Assertion {
            is,
            of,
            conditions: conditions(&each.attributes),
        };
        let arguments = each.arguments.iter();
        all.extend(arguments.map(|(_, of)| assert("Argument", of)));
        all.extend(each.returned.iter().map(|of| assert("Answer", of)));
    }
    if model.messages.iter().any(|each| each.concurrent) {
        all.push(Assertion {
            is: "Shared",
            of: &model.actor,
            conditions: Vec::new(),
        });
    }
    assertions(&model.krate, &model.generics, &all)
}

/// The message type, its variants named like the methods.
fn enumeration(model: &Model, message: &Ident) -> TokenStream {
    let Model {
        krate,
        generics,
        messages,
        ..
    } = model;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let params = &generics.params;
    let params = (!params.is_empty()).then(|| quote!(<#params>));
    let variants = messages.iter().map(|each| {
        let Message {
            method, attributes, ..
        } = each;
        let cfg = conditions(attributes);
        let output = output(each);
        let arguments = tuple_type(each);
        quote!(#(#cfg)* #method(#arguments, #krate::actor::Reply<#output>))
    });
    let spare = spare_variant(model);
    let spare_arm = spare
        .as_ref()
        .map(|_| quote!(Self::__Spare(never, _) => match *never {},));
    let spare_refuse = spare
        .as_ref()
        .map(|_| quote!(Self::__Spare(never, _) => match never {},));
    let names = messages.iter().map(|each| {
        let (method, text) = (&each.method, each.method.unraw().to_string());
        let cfg = conditions(&each.attributes);
        quote!(#(#cfg)* Self::#method(..) => #text)
    });
    let refusals = messages.iter().map(|each| {
        let method = &each.method;
        let cfg = conditions(&each.attributes);
        quote!(#(#cfg)* Self::#method(_, reply) => reply.refuse(why))
    });
    let priorities = priorities(model);
    let question = concurrent::question(model);
    quote! {
        #[allow(non_camel_case_types, missing_docs, unreachable_pub, clippy::large_enum_variant)]
        pub enum #message #params #where_clause {
            #(#variants,)*
            #spare
        }

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #impl_generics #krate::actor::Message for #message #type_generics #where_clause {
            fn name(&self) -> &'static str {
                match self {
                    #(#names,)*
                    #spare_arm
                }
            }

            fn refuse(self, why: #krate::actor::Refusal) -> bool {
                match self {
                    #(#refusals,)*
                    #spare_refuse
                }
            }

            #question
            #priorities
        }
    }
}

/// Which messages are handled before the others, if any are.
fn priorities(model: &Model) -> Option<TokenStream> {
    let krate = &model.krate;
    let arms: Vec<_> = model
        .messages
        .iter()
        .filter_map(|each| {
            let (method, priority) = (&each.method, format_ident!("{}", each.priority?));
            let cfg = conditions(&each.attributes);
            Some(quote!(#(#cfg)* Self::#method(..) => #krate::actor::Priority::#priority,))
        })
        .collect();
    (!arms.is_empty()).then(|| {
        quote! {
            const HAS_PRIORITIES: bool = true;

            fn priority(&self) -> #krate::actor::Priority {
                match self {
                    #(#arms)*
                    #[allow(unreachable_patterns)]
                    _ => #krate::actor::Priority::Normal,
                }
            }
        }
    })
}

/// A variant that is never made, and uses the parameters that no message does.
fn spare_variant(model: &Model) -> Option<TokenStream> {
    let params = &model.generics.params;
    if params.is_empty() {
        return None;
    }
    let uses = params.iter().filter_map(|param| match param {
        GenericParam::Type(of) => {
            let name = &of.ident;
            Some(quote!(fn() -> #name))
        }
        GenericParam::Lifetime(of) => {
            let name = &of.lifetime;
            Some(quote!(&#name ()))
        }
        GenericParam::Const(_) => None,
        // Kinds that syn does not know yet need no use.
        #[allow(unreachable_patterns)]
        _ => None,
    });
    Some(quote! {
        __Spare(::core::convert::Infallible, ::core::marker::PhantomData<(#(#uses,)*)>),
    })
}

fn behavior(model: &Model, name: &Ident, message: &Ident) -> TokenStream {
    let Model {
        krate,
        generics,
        actor,
        messages,
        on_start,
        on_stop,
        on_exit,
        ..
    } = model;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let cx = own("cx", name.span());
    let incoming = own("message", name.span());
    let arms = messages.iter().map(|each| match each.concurrent {
        true => concurrent::alone(each, message, &cx),
        false => arm(each, krate, message, &cx),
    });
    let dispatch_concurrent = concurrent::dispatch(model, name, message);
    let spare_arm = (!generics.params.is_empty())
        .then(|| quote!(#message::__Spare(never, _) => match never {},));
    let started = on_start.as_ref().map(|hook| {
        let call = call_hook(hook, &cx, &[]);
        let body = if hook.is_result {
            quote! {
                match #call {
                    ::core::result::Result::Ok(()) => ::core::result::Result::Ok(()),
                    ::core::result::Result::Err(error) => {
                        #[allow(unused_imports)]
                        use #krate::actor::DescribeUnknown as _;
                        ::core::result::Result::Err(#krate::actor::Describe(&error).text())
                    }
                }
            }
        } else {
            quote!(#call; ::core::result::Result::Ok(()))
        };
        quote! {
            async fn started(
                &mut self,
                #[allow(unused_variables)] #cx: &mut #krate::actor::Cx<Self>,
            ) -> ::core::result::Result<(), ::std::string::String> {
                #body
            }
        }
    });
    let why = own("why", name.span());
    let id = own("id", name.span());
    let stopped = on_stop.as_ref().map(|hook| {
        let call = call_hook(hook, &cx, &[&why]);
        quote! {
            async fn stopped(
                &mut self,
                #[allow(unused_variables)] #why: #krate::actor::StopReason,
            ) {
                #call;
            }
        }
    });
    let exited = on_exit.as_ref().map(|hook| {
        let call = call_hook(hook, &cx, &[&id, &why]);
        quote! {
            #[allow(unused_variables)]
            async fn exited(
                &mut self,
                #id: #krate::actor::ActorId,
                #why: #krate::actor::StopReason,
                #cx: &mut #krate::actor::Cx<Self>,
            ) {
                #call;
            }
        }
    });
    let beats = beats(model, message);
    let implement =
        quote_spanned!(name.span()=> impl #impl_generics #krate::actor::Messages for #actor);
    let body = block(
        name.span(),
        quote! {
            type Message = #message #type_generics;

            async fn dispatch(
                &mut self,
                #incoming: Self::Message,
                #[allow(unused_variables)] #cx: &mut #krate::actor::Cx<Self>,
            ) {
                match #incoming {
                    #(#arms)*
                    #spare_arm
                }
            }

            #dispatch_concurrent
            #started
            #stopped
            #exited
            #beats
        },
    );
    // Both are there, even if their own conditions do not hold, which has been said: taken for
    // granted here, they are not asked for again.
    let granted = generics.params.is_empty().then(|| {
        quote! {
            where
                for<'granted> #actor: #krate::actor::Actor,
                for<'granted> #message: #krate::actor::Message,
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(trivial_bounds, clippy::unit_arg, clippy::let_unit_value)]
        #implement #granted #where_clause #body
    }
}

/// What a supervisor makes the actor with.
fn init(model: &Model, name: &Ident) -> Option<TokenStream> {
    let Model {
        krate,
        generics,
        actor,
        ..
    } = model;
    let init = model.init.as_ref()?;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let method = &init.method;
    let names: Vec<_> = init
        .arguments
        .iter()
        .map(|(name, _)| own_like(name))
        .collect();
    let types = init.arguments.iter().map(|(_, of)| of);
    let wait = init.is_async.then(|| quote!(.await));
    let made = quote!(Self::#method(#(#names,)*) #wait);
    let body = if init.is_result {
        quote! {
            match #made {
                ::core::result::Result::Ok(actor) => ::core::result::Result::Ok(actor),
                ::core::result::Result::Err(error) => {
                    #[allow(unused_imports)]
                    use #krate::actor::DescribeUnknown as _;
                    ::core::result::Result::Err(#krate::actor::Describe(&error).text())
                }
            }
        }
    } else {
        quote!(::core::result::Result::Ok(#made))
    };
    let implement =
        quote_spanned!(name.span()=> impl #impl_generics #krate::actor::Init for #actor);
    Some(quote! {
        #[automatically_derived]
        #implement #where_clause {
            type Args = (#(#types,)*);

            async fn init((#(#names,)*): Self::Args) -> ::core::result::Result<Self, ::std::string::String> {
                #body
            }
        }
    })
}

fn arm(each: &Message, krate: &TokenStream, message: &Ident, cx: &Ident) -> TokenStream {
    let Message {
        method,
        attributes,
        takes_cx,
        takes_reply,
        is_async,
        is_result,
        ..
    } = each;
    let cfg = conditions(attributes);
    let names: Vec<_> = each
        .arguments
        .iter()
        .map(|(name, _)| own_like(name))
        .collect();
    let cx_argument = takes_cx.then(|| quote!(#cx,));
    let wait = is_async.then(|| quote!(.await));
    let reply_argument = takes_reply.then(|| quote!(reply,));
    let value = quote!(Self::#method(self, #(#names,)* #reply_argument #cx_argument) #wait);
    let answer = if *takes_reply {
        quote!(#value)
    } else if *is_result {
        quote! {
            let value = #value;
            #[allow(unused_imports)]
            use #krate::actor::DescribeUnknown as _;
            let answered = reply.send_result(value, |error| #krate::actor::Describe(error).text());
            if let ::core::result::Result::Err(what) = answered {
                #cx.fail(what);
            }
        }
    } else {
        quote! {
            let value = #value;
            reply.send(value);
        }
    };
    quote! {
        #(#cfg)*
        #message::#method((#(#names,)*), reply) => { #answer }
    }
}

fn call_hook(hook: &Hook, cx: &Ident, given: &[&Ident]) -> TokenStream {
    let Hook {
        method,
        arguments,
        takes_cx,
        is_async,
        ..
    } = hook;
    let given = given.iter().take(*arguments);
    let cx_argument = takes_cx.then(|| quote!(#cx,));
    let wait = is_async.then(|| quote!(.await));
    quote!(Self::#method(self, #(#given,)* #cx_argument) #wait)
}

fn beats(model: &Model, message: &Ident) -> Option<TokenStream> {
    let krate = &model.krate;
    let every: Vec<_> = model
        .messages
        .iter()
        .filter_map(|each| {
            let duration = duration_tokens(each.every?);
            let method = &each.method;
            let cfg = conditions(&each.attributes);
            Some(quote! {
                #(#cfg)*
                (#duration, || #message::#method((), #krate::actor::Reply::unasked()))
            })
        })
        .collect();
    (!every.is_empty()).then(|| {
        quote! {
            fn beats() -> ::std::vec::Vec<#krate::actor::Beat<Self::Message>> {
                ::std::vec![#(#every),*]
            }
        }
    })
}

fn handle(model: &Model, name: &Ident, message: &Ident) -> TokenStream {
    let Model {
        krate,
        generics,
        actor,
        arguments,
        messages,
        ..
    } = model;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let mut handle = actor.clone();
    if let Type::Path(path) = &mut handle
        && let Some(last) = path.path.segments.last_mut()
    {
        last.ident = handle_name(name);
        last.arguments = arguments.clone();
    }
    let methods = messages.iter().filter(|each| each.every.is_none()).map(|each| {
        let Message {
            method,
            attributes,
            visibility,
            ..
        } = each;
        let names: Vec<_> = each.arguments.iter().map(|(name, _)| name).collect();
        let types: Vec<_> = each.arguments.iter().map(|(_, of)| of).collect();
        let shape = shape(each, krate);
        let tuple = tuple_type(each);
        let address = quote_spanned!(method.span()=> self);
        let call = call(each, krate, message, &address, &quote!((#(#names,)*)));
        quote! {
            #(#attributes)*
            #[allow(dead_code)]
            #[inline]
            #visibility fn #method(&self, #(#names: #types),*) -> #krate::actor::Call<'_, #actor, #shape, #tuple> {
                #call
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #impl_generics #handle #where_clause {
            #(#methods)*
        }
    }
}

/// What a handler answers.
fn output(each: &Message) -> TokenStream {
    match &each.returned {
        Some(returned) => quote!(#returned),
        None => quote!(()),
    }
}

/// The same, as the caller sees it.
fn shape(each: &Message, krate: &TokenStream) -> TokenStream {
    let output = output(each);
    if each.is_result {
        quote!(#krate::actor::Fallible<#output>)
    } else {
        quote!(#krate::actor::Plain<#output>)
    }
}

/// The message, not sent.
fn call(
    each: &Message,
    krate: &TokenStream,
    message: &Ident,
    address: &TokenStream,
    arguments: &TokenStream,
) -> TokenStream {
    let method = &each.method;
    quote! {
        #krate::actor::Call::new(#address, #arguments, #message::#method, |message| match message {
            #message::#method(arguments, _) => arguments,
            #[allow(unreachable_patterns)]
            _ => ::core::unreachable!(),
        })
    }
}

fn tuple_type(message: &Message) -> TokenStream {
    let types = message.arguments.iter().map(|(_, of)| of);
    quote!((#(#types,)*))
}

/// The conditions among the attributes of a method.
pub(super) fn conditions(attributes: &[syn::Attribute]) -> Vec<&syn::Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect()
}

/// An argument's name in the dispatch, where it must not meet ours.
pub(super) fn own_like(name: &Ident) -> Ident {
    // Not made anew from its text: it may be a raw one.
    let mut own = name.clone();
    own.set_span(Span::mixed_site().located_at(name.span()));
    own
}
