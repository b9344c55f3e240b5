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
//! of another macro is only tokens here, and stays as it is; it is looked at for a `?`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::parse::{ParseStream, Parser};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Block, Expr, ExprAsync, ExprBreak, ExprClosure, ExprMethodCall, ExprTry, Item, Macro,
    Stmt, Token,
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
            match block.stmts.last_mut() {
                Some(Stmt::Expr(_, semicolon)) => {
                    semicolon.get_or_insert(Token![;](span));
                }
                Some(Stmt::Macro(call)) => {
                    call.semi_token.get_or_insert(Token![;](span));
                }
                _ => {}
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
        Some(Stmt::Expr(tail, None)) => has_value(tail),
        _ => worth_of_block(block).is_value(),
    }
}

/// Tells whether an expression has another value than `()`, as far as syntax shows. What cannot be
/// known counts as a value and is left to rustc.
fn has_value(expr: &Expr) -> bool {
    match expr {
        // One that does not end either has no value, which suits every type.
        Expr::Loop(endless) => has_break_with_value(&endless.body),
        _ => worth(expr).is_value(),
    }
}

/// What syntax shows of the value of an expression, the weakest evidence first. Branches of one
/// expression have one type, so the strongest evidence of them holds for all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// The code behind it is not reached.
    Never,
    /// It ends in a statement: it is `()`, or that does not return.
    Ends,
    Unknown,
    /// It is `()`.
    Nothing,
    Something,
}

impl Worth {
    fn is_value(self) -> bool {
        !matches!(self, Self::Ends | Self::Nothing)
    }
}

fn worth(expr: &Expr) -> Worth {
    match expr {
        Expr::ForLoop(_) | Expr::While(_) | Expr::Assign(_) => Worth::Nothing,
        Expr::Loop(endless) if has_break_with_value(&endless.body) => Worth::Unknown,
        Expr::Loop(_) | Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Worth::Never,
        Expr::Binary(binary) if is_assignment(&binary.op) => Worth::Nothing,
        Expr::If(condition) => match &condition.else_branch {
            Some((_, otherwise)) => worth_of_block(&condition.then_branch).max(worth(otherwise)),
            None => Worth::Nothing,
        },
        Expr::Match(choice) => {
            let arms = choice.arms.iter().map(|arm| worth(&arm.body));
            arms.max().unwrap_or(Worth::Unknown)
        }
        // A labelled block may get its value from a `break`.
        Expr::Block(block) if block.label.is_some() => Worth::Unknown,
        Expr::Block(block) => worth_of_block(&block.block),
        Expr::Unsafe(block) => worth_of_block(&block.block),
        Expr::Paren(inner) => worth(&inner.expr),
        Expr::Group(inner) => worth(&inner.expr),
        Expr::Macro(call) => worth_of_macro(&call.mac),
        Expr::Tuple(values) if values.elems.is_empty() => Worth::Nothing,
        Expr::Tuple(_)
        | Expr::Array(_)
        | Expr::Async(_)
        | Expr::Binary(_)
        | Expr::Cast(_)
        | Expr::Closure(_)
        | Expr::Lit(_)
        | Expr::Range(_)
        | Expr::Reference(_)
        | Expr::Repeat(_)
        | Expr::Struct(_)
        | Expr::Unary(_) => Worth::Something,
        Expr::Call(call)
            if ["Ok", "Err", "Some"]
                .iter()
                .any(|it| is_name(&call.func, *it)) =>
        {
            Worth::Something
        }
        _ => Worth::Unknown,
    }
}

fn worth_of_block(block: &Block) -> Worth {
    match block.stmts.last() {
        Some(Stmt::Expr(tail, None)) => worth(tail),
        Some(Stmt::Macro(tail)) => match (worth_of_macro(&tail.mac), tail.semi_token) {
            (known, None) => known,
            (Worth::Never, Some(_)) => Worth::Ends,
            (_, Some(_)) => Worth::Nothing,
        },
        // A function may be one that does not return.
        Some(Stmt::Expr(Expr::Call(_), Some(_))) => Worth::Ends,
        Some(Stmt::Expr(last, Some(_))) if worth(last) == Worth::Never => Worth::Ends,
        None | Some(Stmt::Local(_) | Stmt::Item(_) | Stmt::Expr(..)) => Worth::Nothing,
    }
}

fn worth_of_macro(call: &Macro) -> Worth {
    const NOTHING: [&str; 10] = [
        "print",
        "println",
        "eprint",
        "eprintln",
        "assert",
        "assert_eq",
        "assert_ne",
        "debug_assert",
        "debug_assert_eq",
        "debug_assert_ne",
    ];
    const NEVER: [&str; 4] = ["panic", "unreachable", "todo", "unimplemented"];
    let is_one_of = |names: &[&str]| names.iter().any(|name| call.path.is_ident(name));
    if is_one_of(&NOTHING) {
        Worth::Nothing
    } else if is_one_of(&NEVER) {
        Worth::Never
    } else {
        Worth::Unknown
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
        fn visit_macro(&mut self, call: &Macro) {
            for argument in arguments(call) {
                self.visit_expr(&argument);
            }
        }
    }

    let mut search = Search { found: false };
    visit::visit_block(&mut search, block);
    search.found
}

/// The arguments of the call of a macro, as far as they are expressions. A `{ .. }` among those of one
/// of ours is a block of its own.
fn arguments(call: &Macro) -> Vec<Expr> {
    const OURS: [&str; 9] = [
        "task_group",
        "with_timeout",
        "with_deadline",
        "shield",
        "race",
        "first_ok",
        "select",
        "stream",
        "try_stream",
    ];
    let name = call.path.segments.last();
    if name.is_some_and(|name| OURS.iter().any(|ours| name.ident == ours)) {
        return Vec::new();
    }
    let mut arguments = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while let Ok(argument) = input.parse() {
            arguments.push(argument);
            if input.parse::<Token![,]>().is_err() {
                break;
            }
        }
        // What is behind them is none of ours.
        input.parse::<TokenStream>()
    };
    drop(parser.parse2(call.tokens.clone()));
    arguments
}
