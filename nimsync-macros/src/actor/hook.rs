//! The helper attributes: what a method of an actor is.

use std::time::Duration;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, Expr, Meta};

use super::message::{self, Marks};
use super::options;
use crate::nearest::nearest;
use crate::report::{Report, mistake, mistake_with_help};

/// The helper attributes.
pub(super) const HELPERS: [&str; 6] =
    ["message", "init", "on_start", "on_stop", "on_exit", "every"];

/// What a helper attribute makes of a method.
pub(super) enum Role {
    Message(Marks),
    Init,
    OnStart,
    OnStop,
    OnExit,
    Every(Duration),
}

/// Takes the helper attributes off a method and says what it is, if it has one.
pub(super) fn take(attributes: &mut Vec<Attribute>, report: &mut Report) -> Option<Role> {
    let mut role = None;
    attributes.retain(|attribute| {
        let Some(name) = attribute.path().get_ident() else {
            return true;
        };
        let written = name.to_string();
        if !HELPERS.contains(&written.as_str()) {
            return !misspelled(name, &written, report);
        }
        if role.is_some() {
            report.push(mistake(
                attribute,
                "a method of an actor has one of these attributes at most",
            ));
            return false;
        }
        role = read(attribute, &written, report);
        false
    });
    role
}

fn read(attribute: &Attribute, name: &str, report: &mut Report) -> Option<Role> {
    if name == "every" {
        return match attribute.parse_args::<Expr>() {
            Ok(value) => options::duration(&value, "#[every(\"1s\")]", report).map(Role::Every),
            Err(_) => {
                report.push(mistake_with_help(
                    attribute,
                    "`#[every]` needs an interval",
                    "`#[every(\"1s\")]`",
                ));
                None
            }
        };
    }
    if name == "message" {
        return Some(Role::Message(message::read(attribute, report)));
    }
    if !matches!(attribute.meta, Meta::Path(_)) {
        report.push(mistake_with_help(
            attribute.meta.to_token_stream(),
            format_args!("`#[{name}]` takes no options"),
            format_args!("write only `#[{name}]`"),
        ));
    }
    Some(match name {
        "init" => Role::Init,
        "on_start" => Role::OnStart,
        "on_stop" => Role::OnStop,
        _ => Role::OnExit,
    })
}

/// Tells whether an attribute that nobody knows is nearly one of ours.
fn misspelled(at: &Ident, written: &str, report: &mut Report) -> bool {
    const KNOWN: [&str; 14] = [
        "allow",
        "warn",
        "deny",
        "expect",
        "forbid",
        "cfg",
        "cfg_attr",
        "doc",
        "inline",
        "cold",
        "must_use",
        "deprecated",
        "track_caller",
        "rustfmt",
    ];
    if KNOWN.contains(&written) {
        return false;
    }
    let Some(name) = nearest(written, &HELPERS) else {
        return false;
    };
    report.push(mistake_with_help(
        at,
        format_args!("unknown attribute `{written}` on a method of an actor"),
        format_args!("did you mean `#[{name}]`?"),
    ));
    true
}
