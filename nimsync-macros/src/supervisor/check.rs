//! The options of a supervisor and its children.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, ExprLit, Field, ItemStruct, Lit, Meta, Type, Visibility};

use crate::actor::{duration, parse_duration};
use crate::report::{Report, mistake, mistake_with_help};
use crate::settings::{self, Setting, is_zero, unknown};

pub(super) struct Model {
    pub(super) krate: TokenStream,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) strategy: Ident,
    pub(super) restarts: Option<(TokenStream, Duration)>,
    pub(super) backoff: Option<(Duration, Duration)>,
    pub(super) children: Vec<Child>,
}

pub(super) struct Child {
    pub(super) name: Ident,
    pub(super) documentation: Vec<Attribute>,
    pub(super) actor: Type,
    pub(super) lifetime: Ident,
    pub(super) arguments: TokenStream,
    /// How many there are, and whether one is found by a key.
    pub(super) pool: Option<(Expr, bool)>,
}

const STRATEGIES: [(&str, &str); 3] = [
    ("one_for_one", "OneForOne"),
    ("one_for_all", "OneForAll"),
    ("rest_for_one", "RestForOne"),
];
const LIFETIMES: [(&str, &str); 3] = [
    ("permanent", "Permanent"),
    ("transient", "Transient"),
    ("temporary", "Temporary"),
];
const ROUTES: [(&str, &str); 2] = [("round_robin", "RoundRobin"), ("key", "Key")];

pub(super) fn check(ast: ItemStruct, options: TokenStream, report: &mut Report) -> Model {
    let name = ast.ident;
    if !ast.generics.params.is_empty() {
        report.push(mistake(&ast.generics, "a supervisor cannot be generic"));
    }
    let mut model = Model {
        krate: quote!(::nimsync),
        attributes: ast.attrs,
        visibility: ast.vis,
        strategy: Ident::new("OneForOne", name.span()),
        name,
        restarts: None,
        backoff: None,
        children: Vec::new(),
    };
    options_of(&mut model, options, report);
    for field in ast.fields {
        model.children.extend(child(field, report));
    }
    if model.children.is_empty() && report.is_empty() {
        report.push(mistake_with_help(
            &model.name,
            "this supervisor has no children",
            "write `#[child] db: Db` for each",
        ));
    }
    model
}

fn parse(tokens: TokenStream, names: &[&str], report: &mut Report) -> Vec<Setting> {
    let mut found = Vec::new();
    let parser = |input: ParseStream<'_>| {
        settings::parse(input, |input| !input.is_empty(), &mut found, report)
    };
    if let Err(mistake) = parser.parse2(tokens) {
        report.push(mistake);
    }
    settings::known(found, names, report)
}

fn options_of(model: &mut Model, options: TokenStream, report: &mut Report) {
    let names = ["strategy", "restarts", "within", "backoff", "crate"];
    let (mut restarts, mut within) = (None, None);
    for setting in parse(options, &names, report) {
        match setting.name.to_string().as_str() {
            "strategy" => {
                let choice = choice(setting, "strategy = one_for_one", &STRATEGIES, report);
                model.strategy = choice.unwrap_or_else(|| model.strategy.clone());
            }
            "restarts" => restarts = setting.assigned("restarts = 3", report),
            "within" => {
                let example = "within = \"5s\"";
                let value = setting.assigned(example, report);
                within = value.and_then(|value| duration(&value, example, report));
            }
            "backoff" => model.backoff = backoff(setting, report),
            // `crate`, the only other name.
            _ => {
                if let Some(path) = setting.assigned("crate = path", report) {
                    model.krate = path.into_token_stream();
                }
            }
        }
    }
    if restarts.is_some() || within.is_some() {
        let restarts = restarts.map_or_else(|| quote!(3), ToTokens::into_token_stream);
        model.restarts = Some((restarts, within.unwrap_or(Duration::from_secs(5))));
    }
}

fn choice(
    setting: Setting,
    example: &str,
    known: &[(&str, &str)],
    report: &mut Report,
) -> Option<Ident> {
    let value = setting.assigned(example, report)?;
    let written = value.to_token_stream().to_string();
    let found = known.iter().find(|(name, _)| *name == written);
    if let Some((_, variant)) = found {
        let at = match &value {
            Expr::Path(path) => path.path.get_ident().map(Ident::span),
            _ => None,
        };
        return Some(Ident::new(
            variant,
            at.unwrap_or_else(proc_macro2::Span::call_site),
        ));
    }
    let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    report.push(unknown(&value, "choice", &written, &names));
    None
}

fn backoff(setting: Setting, report: &mut Report) -> Option<(Duration, Duration)> {
    let example = "backoff = \"100ms..10s\"";
    let value = setting.assigned(example, report)?;
    let parsed = match &value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => text
            .value()
            .split_once("..")
            .and_then(|(first, longest)| Some((parse_duration(first)?, parse_duration(longest)?))),
        _ => None,
    };
    match parsed {
        Some((first, longest)) if first <= longest => return parsed,
        Some(_) => report.push(mistake(&value, "the first wait is the shortest")),
        None => report.push(mistake_with_help(
            &value,
            "expected the first and the longest wait, each with its unit",
            format_args!("`{example}`"),
        )),
    }
    None
}

fn child(field: Field, report: &mut Report) -> Option<Child> {
    let name = field.ident.clone()?;
    let mut documentation = Vec::new();
    let mut options = None;
    for attribute in field.attrs {
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
    let Some(options) = options else {
        report.push(mistake_with_help(
            &name,
            format_args!(
                "every field of a supervisor is a child, and `{name}` is not marked as one"
            ),
            format_args!("write `#[child]` above `{name}`"),
        ));
        return None;
    };
    if name == "start" || name == "stop" {
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
        actor: field.ty,
        arguments: TokenStream::new(),
        pool: None,
    };
    let (mut count, mut route) = (None, None);
    for setting in parse(options, &["init", "lifetime", "count", "route"], report) {
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
            "count" => {
                count = setting.assigned("count = 4", report);
                if let Some(value) = count.as_ref().filter(|value| is_zero(value)) {
                    report.push(mistake(value, "there is at least one"));
                }
            }
            _ => {
                let name = setting.name.clone();
                let choice = choice(setting, "route = round_robin", &ROUTES, report);
                route = choice.map(|choice| (name, choice));
            }
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
