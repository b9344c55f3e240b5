//! The rules, and the rewriting of `yield` and `return`.

use proc_macro2::{Delimiter, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprAsync, ExprClosure, Item, Stmt};

use super::{Ast, Form, Model};
use crate::body;
use crate::report::{Report, mistake, mistake_with_help};

/// Checks the code, and rewrites its `yield`s.
pub(super) fn check<'a>(
    form: Form,
    krate: &'a TokenStream,
    ast: Ast,
    report: &mut Report,
) -> Model<'a> {
    let code = match ast {
        Ast::Unparsed(code) => body::enclosed(Delimiter::Brace, code, krate),
        Ast::Code(mut code) => {
            let mut rules = Rules {
                form,
                krate,
                report,
                inside: None,
                yields: false,
            };
            for statement in &mut code {
                rules.visit_stmt_mut(statement);
            }
            if !rules.yields && report.is_empty() {
                let rule = format!("a `{}!` yields at least one item", form.name);
                let help = "write `yield item;`; a stream without items is `stream::empty()`";
                report.push(mistake_with_help(krate, rule, help));
            }
            // The last value is not an item, and what follows is not an argument of it.
            match code.last_mut() {
                Some(Stmt::Expr(_, semicolon @ None)) => {
                    *semicolon = Some(syn::Token![;](Span::mixed_site()));
                }
                Some(Stmt::Macro(call)) => {
                    call.semi_token
                        .get_or_insert(syn::Token![;](Span::mixed_site()));
                }
                _ => {}
            }
            quote!(#(#code)*)
        }
    };
    Model { krate, form, code }
}

struct Rules<'a, 'r> {
    form: Form,
    krate: &'a TokenStream,
    report: &'r mut Report,
    /// The block in the code that is not the stream's own.
    inside: Option<&'static str>,
    yields: bool,
}

impl Rules<'_, '_> {
    fn within(&mut self, what: &'static str, visit: impl FnOnce(&mut Self)) {
        let around = self.inside.replace(what);
        visit(self);
        self.inside = around;
    }

    fn rewrite_yield(&mut self, at: TokenStream, item: Option<Box<Expr>>) -> Expr {
        self.yields = true;
        if let Some(what) = self.inside {
            self.report.push(mistake_with_help(
                &at,
                format_args!("`yield` inside of {what} is not the stream's own code"),
                "move the `yield` out of it",
            ));
        }
        let Some(item) = item else {
            self.report.push(mistake_with_help(
                &at,
                "`yield` gives out an item, found none",
                "`yield item;`, or `return;` to end the stream",
            ));
            return Expr::Verbatim(quote!({ ::core::todo!() }));
        };
        if self.inside.is_some() {
            // rustc would only say the same again. The item stays, for the editor.
            return Expr::Verbatim(quote!({ let _ = #item; }));
        }
        let mut item = item;
        if self.form.fallible {
            self.check_item(&mut item);
        }
        let krate = self.krate;
        let span = Span::mixed_site();
        // What rustc has to say about the type of the item is said at the item.
        let value = if self.form.fallible {
            let span = Span::mixed_site().located_at(item.span());
            quote_spanned!(span=> #krate::__private::Ok(#item))
        } else {
            item.into_token_stream()
        };
        Expr::Verbatim(quote_spanned!(span=> __yielder.put(#value).await))
    }
}

impl Rules<'_, '_> {
    /// Items of a `try_stream!` are the values, and become results by themselves. A result is
    /// repaired, so that rustc does not say the same again.
    fn check_item(&mut self, item: &mut Expr) {
        let Expr::Call(call) = &*item else { return };
        let Expr::Path(function) = &*call.func else {
            return;
        };
        let (what, help) = if function.path.is_ident("Ok") {
            ("the value itself, not a result", "remove `Ok(..)`")
        } else if function.path.is_ident("Err") {
            ("values; an error ends it", "`Err(error)?;`")
        } else {
            return;
        };
        self.report.push(mistake_with_help(
            &*item,
            format_args!("`yield` in a `try_stream!` gives out {what}"),
            help,
        ));
        let value = match call.args.first() {
            Some(value) if function.path.is_ident("Ok") => value.clone(),
            _ => Expr::Verbatim(quote_spanned!(item.span()=> #item?)),
        };
        *item = value;
    }
}

impl VisitMut for Rules<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        match expr {
            Expr::Yield(given) => {
                let at = given.yield_token.to_token_stream();
                let item = given.expr.take();
                *expr = self.rewrite_yield(at, item);
            }
            Expr::Return(jump) if self.inside.is_none() => match &mut jump.expr {
                None => {
                    let krate = self.krate;
                    let span = Span::mixed_site();
                    let end = if self.form.fallible {
                        quote_spanned!(span=> #krate::__private::Ok(()))
                    } else {
                        quote_spanned!(span=> #krate::__private::stream::None)
                    };
                    jump.expr = Some(Box::new(Expr::Verbatim(end)));
                }
                Some(_) if !self.form.fallible => {
                    self.report.push(mistake_with_help(
                        &*jump,
                        "`return` ends a `stream!` and takes no value",
                        "`yield item; return;`",
                    ));
                    let value = jump.expr.take();
                    let krate = self.krate;
                    *expr = Expr::Verbatim(quote!({
                        let _ = #value;
                        return #krate::__private::stream::None;
                    }));
                }
                _ => {}
            },
            Expr::Try(attempt) if self.inside.is_none() && !self.form.fallible => {
                self.report.push(mistake_with_help(
                    attempt.question_token,
                    "`?` ends a stream with an error, but the items of a `stream!` are no results",
                    "use `try_stream!`",
                ));
                let value = &attempt.expr;
                let krate = self.krate;
                *expr = Expr::Verbatim(quote!({
                    match #value {
                        #krate::__private::Ok(value) => value,
                        #krate::__private::Err(_) => return #krate::__private::stream::None,
                    }
                }));
            }
            _ => {}
        }
    }

    fn visit_expr_async_mut(&mut self, block: &mut ExprAsync) {
        self.within("an `async` block", |rules| {
            visit_mut::visit_expr_async_mut(rules, block);
        });
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        self.within("a closure", |rules| {
            visit_mut::visit_expr_closure_mut(rules, closure);
        });
    }

    fn visit_expr_macro_mut(&mut self, call: &mut syn::ExprMacro) {
        self.look_into(&call.mac);
    }

    fn visit_stmt_macro_mut(&mut self, call: &mut syn::StmtMacro) {
        self.look_into(&call.mac);
    }

    // An item has code of its own.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

impl Rules<'_, '_> {
    /// What stands in the call of another macro is only tokens here, and a `yield` in it cannot
    /// be rewritten. Another stream's is its own.
    fn look_into(&mut self, call: &syn::Macro) {
        let own = call.path.segments.last();
        if own.is_some_and(|name| name.ident == "stream" || name.ident == "try_stream") {
            return;
        }
        if let Some(at) = find_yield(call.tokens.clone()) {
            self.yields = true;
            self.report.push(mistake(
                at,
                "`yield` cannot be in the call of another macro",
            ));
        }
    }
}

fn find_yield(tokens: TokenStream) -> Option<proc_macro2::Ident> {
    tokens.into_iter().find_map(|tree| match tree {
        proc_macro2::TokenTree::Ident(name) if name == "yield" => Some(name),
        proc_macro2::TokenTree::Group(group) => find_yield(group.stream()),
        _ => None,
    })
}
