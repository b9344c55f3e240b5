//! The rules for a child: a field, and the options of its `#[child]`.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, Field, Meta, Type};

use super::options::{choice, parse};
use crate::actor::mailbox_option;
use crate::report::{Report, mistake, mistake_with_help};
use crate::settings::{Call, Setting, is_zero};

pub(super) struct Child {
    pub(super) name: Ident,
    pub(super) documentation: Vec<Attribute>,
    /// The type of an actor, or of another supervisor.
    pub(super) ty: Type,
    pub(super) lifetime: Ident,
    pub(super) arguments: TokenStream,
    /// Options of an actor that differ from those of its own attribute.
    pub(super) builder: Vec<Call>,
    /// How many there are, and whether one is found by a key.
    pub(super) pool: Option<(Expr, bool)>,
}

const OPTIONS: [&str; 7] = [
    "init",
    "lifetime",
    "count",
    "route",
    "mailbox",
    "full",
    "stop_within",
];
const LIFETIMES: [(&str, &str); 3] = [
    ("permanent", "Permanent"),
    ("transient", "Transient"),
    ("temporary", "Temporary"),
];
const ROUTES: [(&str, &str); 2] = [("round_robin", "RoundRobin"), ("key", "Key")];
/// The methods that every supervisor has.
const METHODS: [&str; 4] = ["start", "start_in", "stop", "supervised"];

pub(super) fn check(field: Field, report: &mut Report) -> Option<Child> {
    let name = field.ident?;
    let (documentation, options) = attributes(field.attrs, report);
    let Some(options) = options else {
        report.push(mistake_with_help(
            &name,
            format_args!(
                "every field of a supervisor is a child or an argument, and `{name}` is not marked \
                 as either"
            ),
            format_args!("write `#[child]` or `#[arg]` above `{name}`"),
        ));
        return None;
    };
    if METHODS.iter().any(|method| name == method) {
        report.push(mistake_with_help(
            &name,
            format_args!(
                "a child cannot be called `{name}`: every supervisor has a method of that name"
            ),
            "choose another name",
        ));
        return None;
    }
    let mut child = Child {
        lifetime: Ident::new("Permanent", name.span()),
        name,
        documentation,
        ty: field.ty,
        arguments: TokenStream::new(),
        builder: Vec::new(),
        pool: None,
    };
    let (mut count, mut route) = (None, None);
    for setting in parse(options, &OPTIONS, report) {
        match setting.name.to_string().as_str() {
            "init" => {
                if let Some(list) = setting.listed("init(..)", report) {
                    child.arguments = list.stream();
                }
            }
            "lifetime" => {
                let choice = choice(setting, "lifetime = permanent", &LIFETIMES, report);
                child.lifetime = choice.unwrap_or_else(|| child.lifetime.clone());
            }
            "count" => count = count_of(setting, report),
            "route" => {
                let name = setting.name.clone();
                let choice = choice(setting, "route = round_robin", &ROUTES, report);
                route = choice.map(|choice| (name, choice));
            }
            _ => child.builder.extend(mailbox_option(setting, report)),
        }
    }
    match (count, route) {
        (Some(count), route) => {
            let by_key = route.is_some_and(|(_, route)| route == "Key");
            child.pool = Some((count, by_key));
        }
        (None, Some((at, _))) => report.push(mistake_with_help(
            at,
            "`route` says which of several children is meant, and there is one",
            "add `count = 4`, or remove `route`",
        )),
        (None, None) => {}
    }
    Some(child)
}

/// Returns the documentation, and what is in `#[child(..)]`, if that is there.
fn attributes(
    attributes: Vec<Attribute>,
    report: &mut Report,
) -> (Vec<Attribute>, Option<TokenStream>) {
    let mut documentation = Vec::new();
    let mut options = None;
    for attribute in attributes {
        if attribute.path().is_ident("doc") {
            documentation.push(attribute);
        } else if attribute.path().is_ident("child") {
            options = Some(match attribute.meta {
                Meta::List(list) => list.tokens,
                _ => TokenStream::new(),
            });
        } else {
            report.push(mistake(
                attribute,
                "a child has the attribute `#[child]` and documentation only",
            ));
        }
    }
    (documentation, options)
}

fn count_of(setting: Setting, report: &mut Report) -> Option<Expr> {
    let count = setting.assigned("count = 4", report);
    if let Some(value) = count.as_ref().filter(|value| is_zero(value)) {
        report.push(mistake(value, "there is at least one"));
    }
    count
}
