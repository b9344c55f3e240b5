//! The options of `#[main]` and `#[test]`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, Lit};

use super::Kind;
use crate::report::{Report, mistake_with_help};
use crate::settings::{self, Call, Setting, is_zero};

/// What the options come to.
pub(super) struct Options {
    pub(super) krate: TokenStream,
    pub(super) builder: Vec<Call>,
}

/// Looks up the options and checks their values.
pub(super) fn check(kind: Kind, settings: Vec<Setting>, report: &mut Report) -> Options {
    let mut options = Options {
        krate: quote!(::nimsync),
        builder: Vec::new(),
    };
    let settings = settings::known(settings, names(kind), report);
    check_workers_of_local(&settings, report);
    check_tokio_in_paused(&settings, report);
    for setting in settings {
        match setting.name.to_string().as_str() {
            "flavor" => options.builder.extend(flavor(setting, report)),
            "workers" => options.builder.extend(workers(setting, report)),
            "tokio" => options.builder.push(Call::bare(setting.bare(report))),
            "start_paused" => options.builder.extend(start_paused(setting, report)),
            // `crate`, the only other name.
            _ => options.krate = krate(setting, report).unwrap_or(options.krate),
        }
    }
    options
}

fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Main => &["flavor", "workers", "tokio", "crate"],
        Kind::Test => &["flavor", "workers", "start_paused", "tokio", "crate"],
    }
}

fn check_workers_of_local(settings: &[Setting], report: &mut Report) {
    let value = |name| {
        settings
            .iter()
            .find(|setting| setting.name == name)
            .and_then(Setting::value)
    };
    if let (
        Some(Expr::Lit(ExprLit {
            lit: Lit::Str(flavor),
            ..
        })),
        Some(workers),
    ) = (value("flavor"), value("workers"))
        && flavor.value() == "local"
    {
        report.push(mistake_with_help(
            workers,
            "`workers` has no effect with `flavor = \"local\"`, which runs on one thread",
            "remove `workers`, or write `flavor = \"threads\"`",
        ));
    }
}

fn check_tokio_in_paused(settings: &[Setting], report: &mut Report) {
    let find = |name| settings.iter().find(|setting| setting.name == name);
    let (Some(tokio), Some(paused)) = (find("tokio"), find("start_paused")) else {
        return;
    };
    if !paused.value().is_some_and(is_false) {
        report.push(mistake_with_help(
            &tokio.name,
            "`tokio` does not go with `start_paused`: tokio's clock cannot be paused here",
            "remove one of them",
        ));
    }
}

fn is_false(value: &Expr) -> bool {
    let Expr::Lit(ExprLit {
        lit: Lit::Bool(switch),
        ..
    }) = value
    else {
        return false;
    };
    !switch.value
}

fn flavor(setting: Setting, report: &mut Report) -> Option<Call> {
    let value = setting.assigned("flavor = \"threads\"", report)?;
    let Expr::Lit(ExprLit {
        lit: Lit::Str(flavor),
        ..
    }) = &value
    else {
        report.push(mistake_with_help(
            &value,
            format_args!(
                "`flavor` takes a string, found `{}`",
                value.to_token_stream()
            ),
            "`flavor = \"local\"` or `flavor = \"threads\"`",
        ));
        return None;
    };
    let name = flavor.value();
    let help = match name.as_str() {
        "local" | "threads" => return Some(Call::bare(Ident::new(&name, flavor.span()))),
        "multi_thread" => "tokio's `multi_thread` is `threads` here: `flavor = \"threads\"`",
        "current_thread" => "tokio's `current_thread` is `local` here: `flavor = \"local\"`",
        _ => "`flavor = \"local\"` or `flavor = \"threads\"`",
    };
    let rule = format!("unknown flavor `{name}`; the flavors are `local` and `threads`");
    report.push(mistake_with_help(flavor, rule, help));
    None
}

fn workers(setting: Setting, report: &mut Report) -> Option<Call> {
    const EXAMPLE: &str = "workers = 4";

    let method = setting.name.clone();
    let value = setting.assigned(EXAMPLE, report)?;
    let broken = match &value {
        zero if is_zero(zero) => Some("a runtime needs at least one worker".to_owned()),
        Expr::Lit(other) if !matches!(other.lit, Lit::Int(_)) => Some(format!(
            "`workers` takes a number, found `{}`",
            other.to_token_stream()
        )),
        // rustc checks the type of any other expression.
        _ => None,
    };
    if let Some(rule) = broken {
        report.push(mistake_with_help(&value, rule, format_args!("`{EXAMPLE}`")));
    }
    Some(Call::with(method, value))
}

fn start_paused(setting: Setting, report: &mut Report) -> Option<Call> {
    const EXAMPLE: &str = "start_paused = true";

    let method = setting.name.clone();
    match setting.assigned(EXAMPLE, report)? {
        Expr::Lit(ExprLit {
            lit: Lit::Bool(switch),
            ..
        }) => switch.value.then(|| Call::bare(method)),
        other => {
            let rule = format!(
                "`start_paused` takes `true` or `false`, found `{}`",
                other.to_token_stream()
            );
            report.push(mistake_with_help(other, rule, format_args!("`{EXAMPLE}`")));
            None
        }
    }
}

fn krate(setting: Setting, report: &mut Report) -> Option<TokenStream> {
    match setting.assigned("crate = my_runtime::nimsync", report)? {
        Expr::Path(path) => Some(path.into_token_stream()),
        other => {
            let help = match &other {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(path),
                    ..
                }) => format!("write it without quotes: `crate = {}`", path.value()),
                _ => "`crate = my_runtime::nimsync`".to_owned(),
            };
            let rule = format!("`crate` takes a path, found `{}`", other.to_token_stream());
            report.push(mistake_with_help(other, rule, help));
            None
        }
    }
}
