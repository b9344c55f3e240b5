//! The rules, all broken ones at once.

use syn::{Error, Expr, Path};

use super::parse::{Arm, Item, Select};

/// A `select!` that follows the rules.
pub(crate) struct Model {
    pub(crate) krate: Path,
    pub(crate) biased: bool,
    pub(crate) arms: Vec<Arm>,
    pub(crate) default: Option<Expr>,
    pub(crate) otherwise: Option<Expr>,
}

/// What the fair order can number.
const MAX_ARMS: usize = 64;

pub(crate) fn check(ast: Select) -> Result<Model, Error> {
    let mut model = Model {
        krate: ast.krate,
        biased: false,
        arms: Vec::new(),
        default: None,
        otherwise: None,
    };
    let mut errors: Option<Error> = None;
    let mut complain = |error: Error| match &mut errors {
        Some(errors) => errors.combine(error),
        None => errors = Some(error),
    };
    let last = ast.items.len().saturating_sub(1);
    for (index, item) in ast.items.into_iter().enumerate() {
        match item {
            Item::Biased(span) if index > 0 => {
                complain(Error::new(span, "`biased;` comes first, before all arms"));
            }
            Item::Biased(_) => model.biased = true,
            Item::Default(span, _) if model.default.is_some() => {
                complain(Error::new(span, "a second `default` arm; there can be one"));
            }
            Item::Default(_, body) => model.default = Some(body),
            Item::Else(span, _) if model.otherwise.is_some() => {
                complain(Error::new(span, "a second `else` arm; there can be one"));
            }
            Item::Else(span, body) => {
                if index != last {
                    complain(Error::new(span, "`else` comes last, after all other arms"));
                }
                model.otherwise = Some(body);
            }
            Item::Arm(arm) => {
                if let Expr::Await(future) = &arm.future {
                    complain(Error::new(
                        future.await_token.span,
                        "an arm takes the future itself\nhelp: remove `.await`",
                    ));
                }
                model.arms.push(*arm);
            }
        }
    }
    if model.arms.is_empty() {
        complain(Error::new(
            proc_macro2::Span::call_site(),
            "`select!` needs at least one arm\nhelp: `select! { value = rx.recv() => .. }`",
        ));
    }
    if model.arms.len() > MAX_ARMS {
        complain(Error::new(
            proc_macro2::Span::call_site(),
            format!(
                "`select!` takes up to {MAX_ARMS} arms, found {}",
                model.arms.len()
            ),
        ));
    }
    match errors {
        Some(errors) => Err(errors),
        None => Ok(model),
    }
}
