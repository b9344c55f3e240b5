//! The options of `#[actor]`.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprLit, ExprPath, Lit};

use crate::report::{Report, mistake, mistake_with_help};
use crate::settings::{self, Call, Setting, is_zero, unknown};

const FULL: [&str; 5] = ["wait", "reject", "drop_newest", "drop_oldest", "stop"];

/// What the options come to.
pub(super) struct Options {
    pub(super) krate: TokenStream,
    pub(super) builder: Vec<Call>,
}

/// Parses and checks the options that are among `names`.
pub(super) fn check(options: TokenStream, names: &[&str], report: &mut Report) -> Options {
    let mut settings = Vec::new();
    let parser = |input: ParseStream<'_>| {
        settings::parse(input, |input| !input.is_empty(), &mut settings, report)
    };
    if let Err(mistake) = parser.parse2(options) {
        report.push(mistake);
    }
    let mut options = Options {
        krate: quote!(::nimsync),
        builder: Vec::new(),
    };
    for setting in settings::known(settings, names, report) {
        if setting.name == "crate" {
            let path = setting.assigned("crate = path", report);
            options.krate = path.map_or(options.krate, ToTokens::into_token_stream);
        } else {
            options.builder.extend(mailbox_option(setting, report));
        }
    }
    options
}

/// The call for one of `mailbox`, `full`, `concurrent` and `stop_within`.
pub(crate) fn mailbox_option(setting: Setting, report: &mut Report) -> Option<Call> {
    match setting.name.to_string().as_str() {
        "mailbox" => mailbox(setting, report),
        "full" => full(setting, report),
        "concurrent" => concurrent(setting, report),
        _ => stop_within(setting, report),
    }
}

fn mailbox(setting: Setting, report: &mut Report) -> Option<Call> {
    let name = setting.name.clone();
    let value = setting.assigned("mailbox = 64", report)?;
    if let Expr::Path(ExprPath { path, .. }) = &value
        && path.is_ident("unbounded")
    {
        return Some(Call::bare(syn::Ident::new("unbounded", name.span())));
    }
    if is_zero(&value) {
        report.push(mistake_with_help(
            value,
            "a mailbox holds at least one message",
            "`mailbox = 1`",
        ));
        return None;
    }
    Some(Call::with(name, value))
}

fn concurrent(setting: Setting, report: &mut Report) -> Option<Call> {
    let name = setting.name.clone();
    let value = setting.assigned("concurrent = 32", report)?;
    if is_zero(&value) {
        report.push(mistake_with_help(
            value,
            "at least one message is handled at a time",
            "`concurrent = 1`",
        ));
        return None;
    }
    Some(Call::with(name, value))
}

fn full(setting: Setting, report: &mut Report) -> Option<Call> {
    let name = setting.name.clone();
    let value = setting.assigned("full = wait", report)?;
    let written = value.to_token_stream().to_string();
    let variant = match written.as_str() {
        "wait" => "Wait",
        "reject" => "Reject",
        "drop_newest" => "DropNewest",
        "drop_oldest" => "DropOldest",
        "stop" => "Stop",
        _ => {
            report.push(match value {
                Expr::Path(ExprPath { .. }) => unknown(&value, "choice", &written, &FULL),
                _ => mistake_with_help(
                    &value,
                    "`full` says what happens to a message for which there is no room",
                    "`full = wait`, `reject`, `drop_newest`, `drop_oldest` or `stop`",
                ),
            });
            return None;
        }
    };
    let variant = syn::Ident::new(variant, name.span());
    Some(Call::with(name, quote!(Full::#variant)))
}

fn stop_within(setting: Setting, report: &mut Report) -> Option<Call> {
    let name = setting.name.clone();
    let value = setting.assigned("stop_within = \"5s\"", report)?;
    let duration = duration(&value, "stop_within = \"5s\"", report)?;
    Some(Call::with(name, duration_tokens(duration)))
}

/// Reads a duration, written like `"5s"`.
pub(crate) fn duration(value: &Expr, example: &str, report: &mut Report) -> Option<Duration> {
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = value
    else {
        report.push(mistake_with_help(
            value,
            "expected a duration in quotes, with its unit",
            format_args!("`{example}`"),
        ));
        return None;
    };
    let parsed = parse_duration(&text.value());
    match parsed {
        Some(duration) if !duration.is_zero() => return parsed,
        Some(_) => report.push(mistake(value, "the duration is zero")),
        None => report.push(mistake_with_help(
            value,
            "expected a number and its unit: `ns`, `us`, `ms`, `s`, `min` or `h`",
            format_args!("`{example}`"),
        )),
    }
    None
}

/// Reads a number and its unit.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().ok()?;
    let nanos: u64 = match unit.trim() {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    number.checked_mul(nanos).map(Duration::from_nanos)
}

/// A duration as code.
pub(crate) fn duration_tokens(duration: Duration) -> TokenStream {
    let (secs, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote!(::core::time::Duration::new(#secs, #nanos))
}
