//! The arguments of messages and hooks, and what they answer.

use proc_macro2::Ident;
use quote::{ToTokens, format_ident};
use syn::spanned::Spanned;
use syn::{FnArg, GenericArgument, Pat, PathArguments, PathSegment, Signature, Type};

use crate::report::{Report, mistake, mistake_with_help};

/// The arguments of a method.
pub(super) struct Arguments {
    /// Those that travel in the message.
    pub(super) list: Vec<(Ident, Type)>,
    /// What is answered by the `Reply`, if there is one.
    pub(super) reply: Option<Type>,
    pub(super) takes_cx: bool,
}

/// Whether the names of arguments matter.
#[derive(Clone, Copy)]
pub(super) enum Names {
    /// Callers see them: a method of the handle has them.
    Seen,
    /// Only the runtime calls: any pattern will do.
    Free,
}

/// Reads the arguments of a method.
pub(super) fn arguments(
    signature: &Signature,
    names: Names,
    report: &mut Report,
) -> Option<Arguments> {
    let mut good = true;
    let mut arguments = Arguments {
        list: Vec::new(),
        reply: None,
        takes_cx: false,
    };
    let count = signature.inputs.len();
    for (at, input) in signature.inputs.iter().enumerate() {
        let FnArg::Typed(argument) = input else {
            continue;
        };
        if is_cx(&argument.ty) {
            if at + 1 == count {
                arguments.takes_cx = true;
            } else {
                report.push(mistake(input, "the context comes last"));
                good = false;
            }
            continue;
        }
        if let (Names::Seen, Some(answer)) = (names, replied(&argument.ty)) {
            if arguments.reply.replace(answer).is_some() {
                report.push(mistake_with_help(
                    input,
                    "a message has one reply",
                    "to hand on that of another message, put it into a struct",
                ));
                good = false;
            }
            continue;
        }
        if arguments.reply.is_some() {
            report.push(mistake(
                input,
                "the `Reply` comes last, but for the context: callers do not see it",
            ));
            good = false;
            continue;
        }
        let name = match (&*argument.pat, names) {
            (Pat::Ident(name), _) => name.ident.clone(),
            (pattern, Names::Free) => format_ident!("__argument_{at}", span = pattern.span()),
            (pattern, Names::Seen) => {
                report.push(mistake_with_help(
                    pattern,
                    "an argument of a message has a name: callers see it",
                    "take it apart in the body",
                ));
                good = false;
                continue;
            }
        };
        good &= check_type(&argument.ty, report);
        arguments.list.push((name, (*argument.ty).clone()));
    }
    good.then_some(arguments)
}

/// Whether a type is `&mut Cx<..>`.
fn is_cx(of: &Type) -> bool {
    let Type::Reference(reference) = of else {
        return false;
    };
    let last = last_segment(&reference.elem);
    reference.mutability.is_some() && last.is_some_and(|last| last.ident == "Cx")
}

/// What is answered by an argument, if that is a `Reply<..>`.
fn replied(of: &Type) -> Option<Type> {
    let last = last_segment(of).filter(|last| last.ident == "Reply")?;
    let PathArguments::AngleBracketed(list) = &last.arguments else {
        return None;
    };
    match (list.args.first()?, list.args.len()) {
        (GenericArgument::Type(answer), 1) => Some(answer.clone()),
        _ => None,
    }
}

/// The last segment of a type's path.
pub(super) fn last_segment(of: &Type) -> Option<&PathSegment> {
    match of {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

fn check_type(of: &Type, report: &mut Report) -> bool {
    match of {
        Type::Reference(reference) => {
            if reference
                .lifetime
                .as_ref()
                .is_some_and(|lifetime| lifetime.ident == "static")
            {
                return true;
            }
            report.push(mistake_with_help(
                of,
                "an argument of a message is owned: it outlives the call",
                owned(&reference.elem),
            ));
            false
        }
        Type::ImplTrait(_) => {
            report.push(mistake_with_help(
                of,
                "an argument of a message has a named type: the mailbox holds it",
                "name the type, or use a `Box<dyn ..>`",
            ));
            false
        }
        _ => true,
    }
}

fn owned(borrowed: &Type) -> String {
    let written = borrowed.to_token_stream().to_string();
    match (borrowed, written.as_str()) {
        (_, "str") => "take a `String`".to_owned(),
        (Type::Slice(slice), _) => {
            let element = slice.elem.to_token_stream();
            format!("take a `Vec<{element}>`")
        }
        _ => format!(
            "take a `{}`",
            written.replace(" < ", "<").replace(" >", ">")
        ),
    }
}

pub(super) fn check_output(of: &Type, report: &mut Report) -> bool {
    match of {
        Type::Reference(reference)
            if reference
                .lifetime
                .as_ref()
                .is_none_or(|lifetime| lifetime.ident != "static") =>
        {
            report.push(mistake_with_help(
                of,
                "a reply is owned: it leaves the actor",
                owned(&reference.elem).replacen("take", "return", 1),
            ));
            false
        }
        Type::ImplTrait(_) => {
            report.push(mistake_with_help(
                of,
                "a reply has a named type: the caller waits for it",
                "name the type, or use a `Box<dyn ..>`",
            ));
            false
        }
        _ => true,
    }
}
