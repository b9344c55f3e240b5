//! The options of `#[message(..)]`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Meta};

use crate::report::{Report, mistake_with_help};
use crate::settings::{self, Setting, unknown};

const NAMES: [&str; 3] = ["priority", "concurrent", "accept"];
const PRIORITIES: [&str; 3] = ["high", "normal", "low"];

/// What `#[message(..)]` says besides that the method is a message.
#[derive(Default)]
pub(super) struct Marks {
    /// That the attribute is there.
    pub(super) written: bool,
    /// The variant of `Priority`, unless it is the normal one.
    pub(super) priority: Option<&'static str>,
    pub(super) concurrent: bool,
    /// The word.
    pub(super) accept: Option<Ident>,
}

/// Reads the attribute.
pub(super) fn read(attribute: &Attribute, report: &mut Report) -> Marks {
    let mut marks = Marks {
        written: true,
        ..Marks::default()
    };
    let mut settings = Vec::new();
    match &attribute.meta {
        Meta::Path(_) => return marks,
        Meta::List(_) => {
            let parser = |input: ParseStream<'_>| {
                settings::parse(input, |input| !input.is_empty(), &mut settings, report)
            };
            if let Err(mistake) = attribute.parse_args_with(parser) {
                report.push(mistake);
            }
        }
        Meta::NameValue(_) => report.push(mistake_with_help(
            attribute.meta.to_token_stream(),
            "the options of `#[message]` are in parentheses",
            "`#[message(priority = high)]`",
        )),
    }
    for setting in settings::known(settings, &NAMES, report) {
        match setting.name.to_string().as_str() {
            "priority" => marks.priority = priority(setting, report),
            "concurrent" => {
                setting.bare(report);
                marks.concurrent = true;
            }
            // `accept`, the only other name.
            _ => marks.accept = Some(setting.bare(report)),
        }
    }
    marks
}

fn priority(setting: Setting, report: &mut Report) -> Option<&'static str> {
    let value = setting.assigned("priority = high", report)?;
    let written = value.to_token_stream().to_string();
    match written.as_str() {
        "high" => Some("High"),
        "normal" => None,
        "low" => Some("Low"),
        _ => {
            report.push(match value {
                Expr::Path(_) => unknown(&value, "priority", &written, &PRIORITIES),
                _ => mistake_with_help(
                    &value,
                    "`priority` says which messages are handled before the others",
                    "`priority = high` or `priority = low`",
                ),
            });
            None
        }
    }
}
