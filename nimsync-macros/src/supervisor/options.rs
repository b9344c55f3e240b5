//! Options of a supervisor or a child, and values that only they have.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprLit, Lit};

use crate::actor::parse_duration;
use crate::report::{Report, mistake, mistake_with_help};
use crate::settings::{self, Setting, unknown};

/// Parses options, and keeps those that are among `names`.
pub(super) fn parse(tokens: TokenStream, names: &[&str], report: &mut Report) -> Vec<Setting> {
    let mut found = Vec::new();
    let parser = |input: ParseStream<'_>| {
        settings::parse(input, |input| !input.is_empty(), &mut found, report)
    };
    if let Err(mistake) = parser.parse2(tokens) {
        report.push(mistake);
    }
    settings::known(found, names, report)
}

/// Takes one of several words; what comes back is the variant that belongs to it.
pub(super) fn choice(
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
        return Some(Ident::new(variant, at.unwrap_or_else(Span::call_site)));
    }
    let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    report.push(unknown(&value, "choice", &written, &names));
    None
}

/// Takes the first and the longest wait, written like `"100ms..10s"`.
pub(super) fn backoff(setting: Setting, report: &mut Report) -> Option<(Duration, Duration)> {
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
