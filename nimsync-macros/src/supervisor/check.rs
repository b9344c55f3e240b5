//! The rules for a supervisor as a whole.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, Field, ItemStruct, Type, Visibility};

use super::child::{self, Child};
use super::options::{backoff, choice, parse};
use crate::actor::duration;
use crate::report::{Report, mistake, mistake_with_help};

pub(super) struct Model {
    pub(super) krate: TokenStream,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) strategy: Ident,
    pub(super) restarts: Option<(TokenStream, Duration)>,
    pub(super) backoff: Option<(Duration, Duration)>,
    pub(super) args: Vec<Arg>,
    pub(super) children: Vec<Child>,
}

/// What `start` is given, for the children to be made of.
pub(super) struct Arg {
    pub(super) name: Ident,
    pub(super) documentation: Vec<Attribute>,
    pub(super) ty: Type,
}

const STRATEGIES: [(&str, &str); 3] = [
    ("one_for_one", "OneForOne"),
    ("one_for_all", "OneForAll"),
    ("rest_for_one", "RestForOne"),
];

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
        args: Vec::new(),
        children: Vec::new(),
    };
    options_of(&mut model, options, report);
    for field in ast.fields {
        match is_arg(&field) {
            true => model.args.extend(arg(field, report)),
            false => model.children.extend(child::check(field, report)),
        }
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

fn options_of(model: &mut Model, options: TokenStream, report: &mut Report) {
    let names = ["strategy", "restarts", "within", "backoff", "crate"];
    let (mut restarts, mut within): (Option<Expr>, _) = (None, None);
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

fn is_arg(field: &Field) -> bool {
    let mut attributes = field.attrs.iter();
    attributes.any(|attribute| attribute.path().is_ident("arg"))
}

fn arg(field: Field, report: &mut Report) -> Option<Arg> {
    let mut documentation = Vec::new();
    for attribute in field.attrs {
        if attribute.path().is_ident("doc") {
            documentation.push(attribute);
        } else if !attribute.path().is_ident("arg") || attribute.meta.require_path_only().is_err() {
            report.push(mistake(
                attribute,
                "an argument has the attribute `#[arg]` and documentation only",
            ));
        }
    }
    Some(Arg {
        name: field.ident?,
        documentation,
        ty: field.ty,
    })
}
