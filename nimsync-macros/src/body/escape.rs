//! `return`, `break` and `continue` cannot leave a block that becomes a future: a `return` would
//! only end the future, to the surprise of who reads it as leaving the function.

use std::fmt::Display;

use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Item, Label, Lifetime};

use crate::report::{Report, mistake_with_help};

/// Reports every way out of `block`, which the messages call `what`, and repairs it.
pub(super) fn check(what: &'static str, block: &mut Block, report: &mut Report) {
    Escapes {
        what,
        report,
        enclosing: Vec::new(),
    }
    .visit_block_mut(block);
}

struct Escapes<'a> {
    what: &'static str,
    report: &'a mut Report,
    /// The loops and labelled blocks around the code that is visited, as far as they are inside the
    /// block.
    enclosing: Vec<Target>,
}

/// Where a `break` can go.
struct Target {
    label: Option<Label>,
    is_loop: bool,
}

impl Target {
    fn of(expr: &Expr) -> Option<Self> {
        let (label, is_loop) = match expr {
            Expr::Loop(inner) => (&inner.label, true),
            Expr::While(inner) => (&inner.label, true),
            Expr::ForLoop(inner) => (&inner.label, true),
            Expr::Block(inner) => (&inner.label, false),
            _ => return None,
        };
        Some(Self {
            label: label.clone(),
            is_loop,
        })
    }
}

impl Escapes<'_> {
    fn leaves(&self, label: Option<&Lifetime>) -> bool {
        !self.enclosing.iter().any(|target| match label {
            Some(label) => target
                .label
                .as_ref()
                .is_some_and(|target| target.name == *label),
            None => target.is_loop,
        })
    }

    fn report_jump(&mut self, at: impl ToTokens, keyword: &str, label: Option<&Lifetime>) {
        let label = label.map(|label| format!(" {label}")).unwrap_or_default();
        let what = self.what;
        self.report(
            at,
            format_args!("`{keyword}{label}` cannot leave a {what}"),
            format_args!("end the {what} with a value, and `{keyword}{label}` after it"),
        );
    }

    fn report(&mut self, at: impl ToTokens, rule: impl Display, help: impl Display) {
        self.report.push(mistake_with_help(at, rule, help));
    }
}

impl VisitMut for Escapes<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let around = self.enclosing.len();
        self.enclosing.extend(Target::of(expr));
        visit_mut::visit_expr_mut(self, expr);
        self.enclosing.truncate(around);

        let value = match expr {
            Expr::Return(jump) => {
                let help = match &jump.expr {
                    Some(_) => "end the block with the value instead",
                    None => "end the block there instead, for example with `if` and `else`",
                };
                let rule = format!("`return` leaves only this {}", self.what);
                self.report(jump.return_token, rule, help);
                jump.expr.take()
            }
            Expr::Break(jump) if self.leaves(jump.label.as_ref()) => {
                self.report_jump(&*jump, "break", jump.label.as_ref());
                jump.expr.take()
            }
            Expr::Continue(jump) if self.leaves(jump.label.as_ref()) => {
                self.report_jump(&*jump, "continue", jump.label.as_ref());
                None
            }
            _ => return,
        };
        // rustc would only say the same again. The value stays, for the editor.
        let value = value.map(|value| quote!(let _ = #value;));
        *expr = Expr::Verbatim(quote!({ #value loop {} }));
    }

    // What is in there can be left with `return`.
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}
