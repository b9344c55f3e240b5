//! Which methods are messages and hooks, and what they must look like.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, GenericParam, Generics, PathArguments, Receiver, ReceiverKind, ReturnType,
    Safety, Signature, Type, Visibility,
};

use super::super::hook::{self, Role};
use super::super::message::Marks;
use super::accept;
use super::arguments::{Arguments, Names, arguments, check_output, last_segment};
use super::concurrent;
use super::parse::{Ast, Member, Method};
use crate::report::{Report, mistake, mistake_with_help};

/// The methods that every handle has.
const RESERVED: [&str; 13] = [
    "attach",
    "clone",
    "deref",
    "downgrade",
    "ended",
    "id",
    "is_alive",
    "kill",
    "name",
    "recipient",
    "stop",
    "unwatch",
    "watch",
];

pub(super) struct Model {
    pub(super) krate: TokenStream,
    /// The user's impl without the helper attributes.
    pub(super) item: TokenStream,
    pub(super) generics: Generics,
    pub(super) actor: Type,
    /// The last segment of its path.
    pub(super) name: Option<Ident>,
    pub(super) arguments: PathArguments,
    pub(super) messages: Vec<Message>,
    pub(super) init: Option<Init>,
    pub(super) on_start: Option<Hook>,
    pub(super) on_stop: Option<Hook>,
    pub(super) on_exit: Option<Hook>,
}

pub(super) struct Message {
    pub(super) method: Ident,
    /// Documentation and conditions.
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) arguments: Vec<(Ident, Type)>,
    pub(super) takes_cx: bool,
    pub(super) is_async: bool,
    /// Whether it is given its reply, and answers by that.
    pub(super) takes_reply: bool,
    /// What it answers, where something is written; else `()`.
    pub(super) returned: Option<Type>,
    pub(super) is_result: bool,
    /// For `#[every]`: no method of the handle.
    pub(super) every: Option<Duration>,
    /// The variant of `Priority`, unless it is the normal one.
    pub(super) priority: Option<&'static str>,
    pub(super) concurrent: bool,
    /// Whether it has `#[message]`.
    pub(super) marked: bool,
    /// The word `accept` in it.
    pub(super) accept: Option<Ident>,
    /// Whether its argument's type leads to it.
    pub(super) accepted: bool,
}

pub(super) struct Init {
    pub(super) method: Ident,
    pub(super) arguments: Vec<(Ident, Type)>,
    pub(super) is_async: bool,
    pub(super) is_result: bool,
}

pub(super) struct Hook {
    pub(super) method: Ident,
    pub(super) arguments: usize,
    pub(super) takes_cx: bool,
    pub(super) is_async: bool,
    pub(super) is_result: bool,
}

pub(super) fn check(ast: Ast, krate: TokenStream, report: &mut Report) -> Model {
    let Ast {
        attributes,
        unsafety,
        impl_token,
        generics,
        actor,
        members,
        ..
    } = ast;
    let (name, arguments) = name_of(&actor, report);
    let mut model = Model {
        krate,
        item: TokenStream::new(),
        generics,
        actor,
        name,
        arguments,
        messages: Vec::new(),
        init: None,
        on_start: None,
        on_stop: None,
        on_exit: None,
    };
    let mut kept = TokenStream::new();
    for member in members {
        match member {
            Member::Other(tokens) => kept.extend(tokens),
            Member::Method(mut method) => {
                check_method(&mut method, &mut model, report);
                method.to_tokens(&mut kept);
            }
        }
    }
    accept::choose(&mut model, report);
    if model.messages.is_empty() && report.is_empty() {
        report.push(mistake_with_help(
            impl_token,
            "this actor has no messages",
            "write `pub fn name(&mut self) { .. }`, or `#[message]` above a private method",
        ));
    }
    let (
        Model {
            generics, actor, ..
        },
        params,
    ) = (&model, &model.generics.params);
    let params = (!params.is_empty()).then(|| quote!(<#params>));
    let where_clause = &generics.where_clause;
    model.item = quote! {
        #(#attributes)* #unsafety #impl_token #params #actor #where_clause { #kept }
    };
    model
}

fn name_of(actor: &Type, report: &mut Report) -> (Option<Ident>, PathArguments) {
    if let Type::Path(path) = actor
        && let Some(last) = path.path.segments.last()
    {
        return (Some(last.ident.clone()), last.arguments.clone());
    }
    report.push(mistake(
        actor,
        "`#[actor]` needs the name of the actor's struct here",
    ));
    (None, PathArguments::None)
}

fn check_method(method: &mut Method, model: &mut Model, report: &mut Report) {
    let role = hook::take(&mut method.attributes, report);
    let visible = !matches!(method.visibility, Visibility::Inherited);
    match role {
        Some(Role::Message(marks)) => message(method, &marks, None, model, report),
        None if visible => message(method, &Marks::default(), None, model, report),
        None => {}
        Some(Role::Every(interval)) => {
            message(method, &Marks::default(), Some(interval), model, report);
        }
        Some(Role::Init) => init(method, model, report),
        Some(Role::OnStart) => {
            if let Some(hook) = check_hook(method, "on_start", &[], report) {
                once(&mut model.on_start, hook, "on_start", report);
            }
        }
        Some(Role::OnStop) => {
            if let Some(hook) = check_hook(method, "on_stop", &["why: StopReason"], report) {
                once(&mut model.on_stop, hook, "on_stop", report);
            }
        }
        Some(Role::OnExit) => {
            let arguments = ["id: ActorId", "why: StopReason"];
            if let Some(hook) = check_hook(method, "on_exit", &arguments, report) {
                once(&mut model.on_exit, hook, "on_exit", report);
            }
        }
    }
}

fn init(method: &Method, model: &mut Model, report: &mut Report) {
    let signature = &method.signature;
    let name = &signature.ident;
    if let Some(receiver) = signature.receiver() {
        report.push(mistake_with_help(
            receiver,
            "an `#[init]` method makes the actor, so there is no `self` yet",
            format_args!("write `fn {name}() -> Self`"),
        ));
        return;
    }
    let Some(Arguments { list, .. }) = arguments(signature, Names::Free, report) else {
        return;
    };
    let Some(returned) = returned(signature) else {
        report.push(mistake_with_help(
            name,
            "an `#[init]` method returns the actor",
            "write `-> Self` or `-> Result<Self, E>`",
        ));
        return;
    };
    if model.init.is_some() {
        report.push(mistake(name, "an actor has one `#[init]` method at most"));
        return;
    }
    model.init = Some(Init {
        method: name.clone(),
        arguments: list,
        is_async: signature.asyncness.is_some(),
        is_result: is_result(&returned),
    });
}

fn once(place: &mut Option<Hook>, hook: Hook, name: &str, report: &mut Report) {
    if place.is_some() {
        report.push(mistake(
            hook.method,
            format_args!("an actor has one `#[{name}]` method at most"),
        ));
    } else {
        *place = Some(hook);
    }
}

fn message(
    method: &Method,
    marks: &Marks,
    every: Option<Duration>,
    model: &mut Model,
    report: &mut Report,
) {
    let signature = &method.signature;
    let name = &signature.ident;
    let mut good = check_shape(signature, "message", report);
    let Some(arguments) = arguments(signature, Names::Seen, report) else {
        return;
    };
    if marks.concurrent {
        good &= concurrent::check(signature, arguments.takes_cx, report);
    }
    if every.is_none() && RESERVED.contains(&name.to_string().as_str()) {
        report.push(mistake_with_help(
            name,
            format_args!(
                "a message cannot be called `{name}`: every handle has a method of that name"
            ),
            "choose another name",
        ));
        good = false;
    }
    if every.is_some() && (!arguments.list.is_empty() || arguments.reply.is_some()) {
        report.push(mistake_with_help(
            &signature.inputs,
            "an `#[every]` method takes no arguments: nobody gives them",
            format_args!("write `fn {name}(&mut self)`"),
        ));
        good = false;
    }
    let takes_reply = arguments.reply.is_some();
    if let (Some(_), ReturnType::Type(_, returned)) = (&arguments.reply, &signature.output) {
        report.push(mistake_with_help(
            returned,
            "a message that is given its reply answers by that, and returns nothing",
            "remove the return type, or the `Reply`",
        ));
        good = false;
    }
    let returned = arguments.reply.or_else(|| returned(signature));
    if let Some(returned) = &returned {
        good &= check_output(returned, report);
    }
    if !good {
        return;
    }
    let kept = |attribute: &&Attribute| {
        ["doc", "cfg", "deprecated"]
            .iter()
            .any(|name| attribute.path().is_ident(name))
    };
    let actor = &model.actor;
    model.messages.push(Message {
        method: name.clone(),
        attributes: method.attributes.iter().filter(kept).cloned().collect(),
        visibility: method.visibility.clone(),
        arguments: arguments
            .list
            .into_iter()
            .map(|(name, of)| (name, without_self(&of, actor)))
            .collect(),
        takes_cx: arguments.takes_cx,
        takes_reply,
        is_async: signature.asyncness.is_some(),
        is_result: returned.as_ref().is_some_and(is_result),
        returned: returned.map(|returned| without_self(&returned, actor)),
        every,
        priority: marks.priority,
        concurrent: marks.concurrent,
        marked: marks.written,
        accept: marks.accept.clone(),
        accepted: false,
    });
}

fn check_hook(
    method: &Method,
    attribute: &str,
    wanted: &[&str],
    report: &mut Report,
) -> Option<Hook> {
    let signature = &method.signature;
    let name = &signature.ident;
    let good = check_shape(signature, attribute, report);
    let arguments = arguments(signature, Names::Free, report)?;
    if arguments.list.len() > wanted.len() {
        let mut all = vec!["&mut self"];
        all.extend(wanted);
        report.push(mistake_with_help(
            &signature.inputs,
            format_args!("an `#[{attribute}]` method takes other arguments"),
            format_args!("write `fn {name}({})`", all.join(", ")),
        ));
        return None;
    }
    good.then(|| Hook {
        method: name.clone(),
        arguments: arguments.list.len(),
        takes_cx: arguments.takes_cx,
        is_async: signature.asyncness.is_some(),
        is_result: returned(signature).as_ref().is_some_and(is_result),
    })
}

/// What holds for messages and hooks.
fn check_shape(signature: &Signature, what: &str, report: &mut Report) -> bool {
    let name = &signature.ident;
    let what = match what {
        "message" => "a message".to_owned(),
        hook => format!("an `#[{hook}]` method"),
    };
    let mut good = true;
    let params = &signature.generics.params;
    // A lifetime can only be that of `self`: arguments are owned.
    if !params
        .iter()
        .all(|param| matches!(param, GenericParam::Lifetime(_)))
    {
        report.push(mistake_with_help(
            &signature.generics,
            format_args!("{what} cannot be generic: the mailbox holds one type"),
            "name the types, or make the actor generic",
        ));
        good = false;
    }
    let mut qualifiers = TokenStream::new();
    signature.constness.to_tokens(&mut qualifiers);
    if !matches!(signature.safety, Safety::Default) {
        signature.safety.to_tokens(&mut qualifiers);
    }
    signature.abi.to_tokens(&mut qualifiers);
    if !qualifiers.is_empty() {
        let rule = format!("{what} cannot be `{qualifiers}`");
        report.push(mistake(qualifiers, rule));
        good = false;
    }
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) if borrows(receiver) => {}
        Some(FnArg::Receiver(receiver)) => {
            report.push(mistake_with_help(
                receiver,
                format_args!("{what} borrows the actor, which goes on afterwards"),
                "write `&mut self` or `&self`",
            ));
            good = false;
        }
        _ => {
            report.push(mistake_with_help(
                name,
                format_args!("{what} needs `&mut self` or `&self`, and `{name}` has neither"),
                "move it to an `impl` block without `#[actor]`; if it makes the actor, write `#[init]`",
            ));
            good = false;
        }
    }
    good
}

/// Whether a receiver is `&self` or `&mut self`.
fn borrows(receiver: &Receiver) -> bool {
    matches!(receiver.kind, ReceiverKind::Reference(..))
}

/// What a method returns, where something is written.
fn returned(signature: &Signature) -> Option<Type> {
    match &signature.output {
        ReturnType::Type(_, returned) => Some((**returned).clone()),
        ReturnType::Default => None,
    }
}

/// Whether a type is a `Result` by its name.
fn is_result(of: &Type) -> bool {
    last_segment(of).is_some_and(|last| last.ident == "Result")
}

fn without_self(of: &Type, actor: &Type) -> Type {
    syn::parse2(replace_self(of.to_token_stream(), actor)).unwrap_or_else(|_| of.clone())
}

/// Writes the actor's type where `Self` is written: in the handle it would be another.
fn replace_self(tokens: TokenStream, actor: &Type) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|tree| match tree {
            TokenTree::Ident(name) if name == "Self" => actor.to_token_stream(),
            TokenTree::Group(group) => {
                let mut inner =
                    proc_macro2::Group::new(group.delimiter(), replace_self(group.stream(), actor));
                inner.set_span(group.span());
                TokenTree::Group(inner).into()
            }
            other => other.into(),
        })
        .collect()
}
