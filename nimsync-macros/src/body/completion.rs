//! Blocks that end without a value get an `Ok(())`, so that `?` works in them.
//!
//! Left alone, `async { warm_cache().await?; }` does not compile: its last value is `()`, for which
//! `?` does not work, and `async { warm_cache().await?; Ok(()) }` does not say which error type it
//! has. Completion answers both with `Result<_, BoxError>`, into which `?` converts every error:
//!
//! 1. a block that ends without a value gets `Ok(())` of that type at its end;
//! 2. a block that ends in a plain `Ok(..)` or `Err(..)` gets that type for it.
//!
//! A block that ends in any other expression has the type of that expression. What stands in the call
//! of another macro is only tokens here, and stays as it is.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Block, Expr, ExprAsync, ExprBreak, ExprClosure, ExprMethodCall, ExprTry, Item, Stmt,
    Token,
};

/// The methods of a group that take a task as an `async` block.
const SPAWNING: &[&str] = &[
    "spawn",
    "spawn_local",
    "service",
    "defer",
    "start",
    "supervise",
];

/// Completes the blocks of one body.
#[derive(Clone, Copy)]
pub(super) struct Completion<'a> {
    pub(super) krate: &'a TokenStream,
    /// The group's name in the body, if it has one.
    pub(super) group: Option<&'a Ident>,
}

impl Completion<'_> {
    /// Completes `block`.
    pub(super) fn complete(self, block: &mut Block) {
        let krate = self.krate;
        let span = Span::mixed_site();
        if !block_has_value(block) {
            if let Some(Stmt::Expr(_, semicolon @ None)) = block.stmts.last_mut() {
                *semicolon = Some(Token![;](span));
            }
            // The user's code may diverge before, and does not want to hear of unreachable code
            // that nobody wrote.
            let ok = quote_spanned! {span=>
                #[allow(unreachable_code)]
                { #krate::__private::Ok::<(), #krate::BoxError>(()) }
            };
            block.stmts.push(Stmt::Expr(Expr::Verbatim(ok), None));
        } else if let Some(tail) = plain_result(block) {
            *tail = Expr::Verbatim(quote_spanned! {span=>
                {
                    let __tail: #krate::__private::Result<_, #krate::BoxError> = #tail;
                    __tail
                }
            });
        }
    }

    /// Completes `block` if it can fail. Otherwise `()` is a value like any other.
    pub(super) fn complete_if_fallible(self, block: &mut Block) {
        if has_try(block) || plain_result(block).is_some() {
            self.complete(block);
        }
    }

    /// Completes the `async` blocks in `block` that are spawned into the group, at any depth.
    pub(super) fn complete_spawned(mut self, block: &mut Block) {
        self.visit_block_mut(block);
    }

    /// Tells whether a call such as `g.spawn(..)` or `g.task("name").spawn(..)` spawns into the
    /// group.
    fn spawns(self, call: &ExprMethodCall) -> bool {
        let mut receiver = &*call.receiver;
        while let Expr::MethodCall(before) = receiver {
            receiver = &before.receiver;
        }
        let is_group = self.group.is_some_and(|group| is_name(receiver, group));
        is_group && SPAWNING.iter().any(|method| call.method == method)
    }
}

impl VisitMut for Completion<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        // Inner blocks first: what completion adds needs no visit.
        visit_mut::visit_expr_method_call_mut(self, call);
        if self.spawns(call) {
            for block in call.args.iter_mut().filter_map(async_block) {
                self.complete_if_fallible(block);
            }
        }
    }

    // An item cannot see the group.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// Finds the block of the future that an argument is or makes: `async { .. }`, `|| async { .. }`,
/// `|| { prepare(); async { .. } }`, `async || { .. }`.
fn async_block(argument: &mut Expr) -> Option<&mut Block> {
    match argument {
        Expr::Async(future) => Some(&mut future.block),
        Expr::Closure(closure) => {
            if closure.asyncness.is_none() {
                return async_block(&mut closure.body);
            }
            match &mut *closure.body {
                Expr::Block(body) => Some(&mut body.block),
                _ => None,
            }
        }
        Expr::Block(block) => async_block(tail(&mut block.block)?),
        _ => None,
    }
}

fn tail(block: &mut Block) -> Option<&mut Expr> {
    match block.stmts.last_mut() {
        Some(Stmt::Expr(tail, None)) => Some(tail),
        _ => None,
    }
}

/// Finds a tail that is a call to plain `Ok` or `Err`, whose error type nothing else tells.
fn plain_result(block: &mut Block) -> Option<&mut Expr> {
    tail(block).filter(|tail| {
        let Expr::Call(call) = tail else { return false };
        is_name(&call.func, "Ok") || is_name(&call.func, "Err")
    })
}

fn is_name<I: ?Sized>(expr: &Expr, name: &I) -> bool
where
    Ident: PartialEq<I>,
{
    matches!(expr, Expr::Path(path) if path.path.is_ident(name))
}

fn block_has_value(block: &Block) -> bool {
    match block.stmts.last() {
        None | Some(Stmt::Local(_) | Stmt::Item(_) | Stmt::Expr(_, Some(_))) => false,
        Some(Stmt::Macro(tail)) => tail.semi_token.is_none(),
        Some(Stmt::Expr(tail, None)) => has_value(tail),
    }
}

/// Tells whether an expression has another value than `()`, as far as syntax shows. What cannot be
/// known counts as a value and is left to rustc.
fn has_value(expr: &Expr) -> bool {
    match expr {
        Expr::ForLoop(_) | Expr::While(_) | Expr::Assign(_) => false,
        // One that does not end either has no value, which suits every type.
        Expr::Loop(endless) => has_break_with_value(&endless.body),
        Expr::Binary(binary) => !is_assignment(&binary.op),
        Expr::If(condition) => match &condition.else_branch {
            Some((_, otherwise)) => block_has_value(&condition.then_branch) || has_value(otherwise),
            None => false,
        },
        Expr::Match(choice) => {
            choice.arms.is_empty() || choice.arms.iter().any(|arm| has_value(&arm.body))
        }
        // A labelled block may get its value from a `break`.
        Expr::Block(block) => block.label.is_some() || block_has_value(&block.block),
        Expr::Unsafe(block) => block_has_value(&block.block),
        Expr::Paren(inner) => has_value(&inner.expr),
        Expr::Group(inner) => has_value(&inner.expr),
        _ => true,
    }
}

/// Tells whether there is a `break VALUE` in the body of a loop, perhaps one of a loop in it.
fn has_break_with_value(body: &Block) -> bool {
    struct Search {
        found: bool,
    }

    impl Visit<'_> for Search {
        fn visit_expr_break(&mut self, found: &ExprBreak) {
            self.found |= found.expr.is_some();
        }
        fn visit_expr_async(&mut self, _: &ExprAsync) {}
        fn visit_expr_closure(&mut self, _: &ExprClosure) {}
        fn visit_item(&mut self, _: &Item) {}
    }

    let mut search = Search { found: false };
    visit::visit_block(&mut search, body);
    search.found
}

fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

/// Tells whether a `?` in `block` leaves this block, and not a block, closure or function in it.
fn has_try(block: &Block) -> bool {
    struct Search {
        found: bool,
    }

    impl Visit<'_> for Search {
        fn visit_expr_try(&mut self, _: &ExprTry) {
            self.found = true;
        }
        fn visit_expr_async(&mut self, _: &ExprAsync) {}
        fn visit_expr_closure(&mut self, _: &ExprClosure) {}
        fn visit_item(&mut self, _: &Item) {}
    }

    let mut search = Search { found: false };
    visit::visit_block(&mut search, block);
    search.found
}
