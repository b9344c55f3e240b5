//! Messages that are handled beside each other.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{FnArg, ReceiverKind, Signature};

use super::super::own;
use super::check::{Message, Model};
use super::expand::{conditions, own_like};
use crate::report::{Report, mistake_with_help};

/// Whether a method can be handled beside others.
pub(super) fn check(signature: &Signature, takes_cx: bool, report: &mut Report) -> bool {
    let mut good = true;
    let name = &signature.ident;
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first()
        && let ReceiverKind::Reference(_, _, Some(_)) = &receiver.kind
    {
        report.push(mistake_with_help(
            receiver,
            "a concurrent message cannot have `&mut self`: others run beside it, and see the same actor",
            "write `&self`, or remove `concurrent`",
        ));
        good = false;
    }
    if signature.asyncness.is_none() {
        report.push(mistake_with_help(
            signature.fn_token,
            "a concurrent message is `async`: others run while it waits",
            format_args!("write `async fn {name}`, or remove `concurrent`"),
        ));
        good = false;
    }
    if takes_cx {
        report.push(mistake_with_help(
            signature.inputs.last(),
            "a concurrent message has no context: it is lent to one handler at a time",
            "remove the argument, or `concurrent`",
        ));
        good = false;
    }
    good
}

/// In the message type: which ones they are.
pub(super) fn question(model: &Model) -> Option<TokenStream> {
    let arms: Vec<_> = concurrent(model)
        .map(|each| {
            let method = &each.method;
            let cfg = conditions(&each.attributes);
            quote!(#(#cfg)* Self::#method(..) => true,)
        })
        .collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn is_concurrent(&self) -> bool {
                match self {
                    #(#arms)*
                    #[allow(unreachable_patterns)]
                    _ => false,
                }
            }
        }
    })
}

/// In the actor: how they are handled.
pub(super) fn dispatch(model: &Model, name: &Ident, message: &Ident) -> Option<TokenStream> {
    let krate = &model.krate;
    let arms: Vec<_> = concurrent(model)
        .map(|each| arm(each, krate, message))
        .collect();
    let incoming = own("message", name.span());
    (!arms.is_empty()).then(|| {
        quote! {
            async fn dispatch_concurrent(
                &self,
                #incoming: Self::Message,
            ) -> ::core::result::Result<(), ::std::string::String> {
                match #incoming {
                    #(#arms)*
                    #[allow(unreachable_patterns)]
                    _ => ::core::unreachable!(),
                }
            }
        }
    })
}

fn arm(each: &Message, krate: &TokenStream, message: &Ident) -> TokenStream {
    let method = &each.method;
    let cfg = conditions(&each.attributes);
    let names: Vec<_> = each
        .arguments
        .iter()
        .map(|(name, _)| own_like(name))
        .collect();
    let reply_argument = each.takes_reply.then(|| quote!(reply,));
    let value = quote!(Self::#method(self, #(#names,)* #reply_argument).await);
    let answer = if each.takes_reply {
        quote! {
            #value;
            ::core::result::Result::Ok(())
        }
    } else if each.is_result {
        quote! {
            let value = #value;
            #[allow(unused_imports)]
            use #krate::actor::DescribeUnknown as _;
            reply.send_result(value, |error| #krate::actor::Describe(error).text())
        }
    } else {
        quote! {
            let value = #value;
            reply.send(value);
            ::core::result::Result::Ok(())
        }
    };
    quote! {
        #(#cfg)*
        #message::#method((#(#names,)*), reply) => {
            #answer
        }
    }
}

/// In the dispatch of all messages, for who handles one at a time.
pub(super) fn alone(each: &Message, message: &Ident, cx: &Ident) -> TokenStream {
    let method = &each.method;
    let cfg = conditions(&each.attributes);
    quote! {
        #(#cfg)*
        concurrent @ #message::#method(..) => {
            if let ::core::result::Result::Err(what) = self.dispatch_concurrent(concurrent).await {
                #cx.fail(what);
            }
        }
    }
}

fn concurrent(model: &Model) -> impl Iterator<Item = &Message> {
    model.messages.iter().filter(|each| each.concurrent)
}
