//! The rules, all broken ones at once.

use proc_macro2::TokenStream;
use syn::{Expr, ExprAwait};

use super::parse::{Arm, Ast, Item};
use crate::report::{Report, mistake, mistake_with_help};

/// A `select!` that follows the rules.
pub(crate) struct Model<'a> {
    pub(crate) krate: &'a TokenStream,
    pub(crate) biased: bool,
    pub(crate) arms: Vec<Arm>,
    pub(crate) default: Option<Expr>,
    pub(crate) otherwise: Option<Expr>,
}

/// What the fair order can number.
const MAX_ARMS: usize = 64;

/// Checks the rules and repairs what breaks them. `None` if there is no arm.
pub(crate) fn check<'a>(
    krate: &'a TokenStream,
    ast: Ast,
    report: &mut Report,
) -> Option<Model<'a>> {
    let mut model = Model {
        krate,
        biased: false,
        arms: Vec::new(),
        default: None,
        otherwise: None,
    };
    let last_but_else = ast
        .items
        .iter()
        .rposition(|item| !matches!(item, Item::Else(..)));
    for (index, item) in ast.items.into_iter().enumerate() {
        match item {
            Item::Biased(word) => {
                if index > 0 {
                    let rule = "`biased;` comes first, before all arms";
                    report.push(mistake(word, rule));
                }
                model.biased = true;
            }
            Item::Default(word, body) => {
                if model.default.is_some() {
                    let rule = "`select!` takes one `default` arm, this is another";
                    report.push(mistake(word, rule));
                }
                model.default = Some(body);
            }
            Item::Else(word, body) => {
                if model.otherwise.is_some() {
                    let rule = "`select!` takes one `else` arm, this is another";
                    report.push(mistake(word, rule));
                } else if last_but_else > Some(index) {
                    let rule = "`else` comes last, after all other arms";
                    report.push(mistake(word, rule));
                }
                model.otherwise = Some(body);
            }
            Item::Arm(arm) => model.arms.push(check_arm(*arm, report)),
        }
    }
    if model.arms.is_empty() {
        report.push(mistake_with_help(
            krate,
            "`select!` needs at least one arm with a future",
            "`select! { value = rx.recv() => .. }`",
        ));
        return None;
    }
    if let Some(arm) = model.arms.get(MAX_ARMS) {
        let rule = format!("`select!` takes up to {MAX_ARMS} arms, this is one more");
        report.push(mistake_with_help(
            &arm.pattern,
            rule,
            "`nimsync::channel::Select` receives from any number of channels",
        ));
        model.arms.truncate(MAX_ARMS);
    }
    Some(model)
}

fn check_arm(arm: Arm, report: &mut Report) -> Arm {
    match arm.future {
        Expr::Await(ExprAwait {
            base, await_token, ..
        }) => {
            let rule = "an arm of `select!` takes the future itself";
            report.push(mistake_with_help(await_token, rule, "remove `.await`"));
            Arm {
                future: *base,
                ..arm
            }
        }
        _ => arm,
    }
}
