//! The options of a group.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Token};

use crate::report::{Report, mistake_with_help};
use crate::settings::{self, Call, Setting, is_zero};

const NAMES: &[&str] = &[
    "policy", "limit", "timeout", "deadline", "name", "grace", "eager", "own",
];

/// What the options come to.
pub(super) struct Options {
    pub(super) calls: Vec<Call>,
    /// What moves into the group, if it owns something.
    pub(super) owned: Option<Vec<Ident>>,
}

/// Looks up the options and checks their values.
pub(super) fn check(krate: &TokenStream, settings: Vec<Setting>, report: &mut Report) -> Options {
    let mut options = Options {
        calls: Vec::new(),
        owned: None,
    };
    let calls = &mut options.calls;
    for setting in settings::known(settings, NAMES, report) {
        match setting.name.to_string().as_str() {
            "own" => options.owned = own(setting, report),
            "eager" => calls.push(Call::bare(setting.bare(report))),
            "policy" => calls.extend(policy(krate, setting, report)),
            "limit" => calls.extend(limit(setting, report)),
            "timeout" => calls.extend(value(setting, "timeout = 2.seconds()", report)),
            "deadline" => calls.extend(value(setting, "deadline = instant", report)),
            "grace" => calls.extend(value(setting, "grace = 2.seconds()", report)),
            // `name`, the only other one.
            _ => calls.extend(value(setting, "name = \"fetchers\"", report)),
        }
    }
    options
}

/// An option whose value is any expression; rustc checks its type.
fn value(setting: Setting, example: &str, report: &mut Report) -> Option<Call> {
    let method = setting.name.clone();
    let value = setting.assigned(example, report)?;
    Some(Call::with(method, value))
}

fn limit(setting: Setting, report: &mut Report) -> Option<Call> {
    if let Some(zero) = setting.value().filter(|value| is_zero(value)) {
        report.push(mistake_with_help(
            zero,
            "a limit of zero would never run anything",
            "write a number from 1: `limit = 1`",
        ));
    }
    value(setting, "limit = 8", report)
}

fn policy(krate: &TokenStream, setting: Setting, report: &mut Report) -> Option<Call> {
    const POLICIES: &[&str] = &["fail_fast", "collect_errors", "ignore_errors", "quorum(n)"];

    let method = setting.name.clone();
    let value = setting.assigned("policy = collect_errors", report)?;
    let (name, arguments) = match &value {
        Expr::Call(call) => (&*call.func, Some(&call.args)),
        name => (name, None),
    };
    let written = match name {
        // The last segment, for whoever writes `Policy::CollectErrors`.
        Expr::Path(path) => path
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string())
            .unwrap_or_default(),
        other => other.to_token_stream().to_string(),
    };
    let variant = match (written.as_str(), arguments) {
        ("fail_fast", None) => "FailFast",
        ("collect_errors", None) => "CollectErrors",
        ("ignore_errors", None) => "IgnoreErrors",
        ("quorum", Some(number)) if number.len() == 1 => "Quorum",
        ("quorum", _) => {
            let rule = "`quorum` needs the number of successes that end the group";
            report.push(mistake_with_help(value, rule, "`policy = quorum(2)`"));
            return None;
        }
        _ => {
            report.push(settings::unknown(&value, "policy", &written, POLICIES));
            return None;
        }
    };
    let variant = Ident::new(variant, name.span());
    let arguments = arguments.map(|arguments| quote!((#arguments)));
    Some(Call::with(
        method,
        quote!(#krate::Policy::#variant #arguments),
    ))
}

fn own(setting: Setting, report: &mut Report) -> Option<Vec<Ident>> {
    const EXAMPLE: &str = "own(rows, db)";

    let list = setting.listed(EXAMPLE, report)?;
    let names = Punctuated::<Ident, Token![,]>::parse_terminated.parse2(list.stream());
    match names {
        Ok(names) if !names.is_empty() => Some(names.into_iter().collect()),
        _ => {
            report.push(mistake_with_help(
                list,
                "`own` takes the names of the local variables that move into the group",
                format_args!("`{EXAMPLE}`"),
            ));
            None
        }
    }
}
