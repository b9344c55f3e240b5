//! The user's code inside a macro, and the blocks among it that become `async` blocks of ours.
//!
//! The code stays as it was written but for two things: what `return` and `break` cannot do there
//! is an error ([`escape`]), and a block that ends without a value gets its `Ok(())`
//! ([`completion`]). Code that does not parse is passed on as it is: rustc reports the syntax
//! error, once and at the user's token, and editors go on working in half-typed code.

mod completion;
mod escape;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Block, Expr, Stmt, Token, token};

use crate::report::Report;
use completion::Completion;

/// An argument or a body, up to a comma or the end.
pub(crate) enum Code {
    /// `{ .. }` and nothing behind it.
    Block(Block),
    Expr(Expr),
    /// Not Rust, or not yet; with all that follows, since nobody can tell where it ends.
    Unparsed(TokenStream),
}

impl Code {
    /// Where messages about the code as a whole point to.
    pub(crate) fn place(&self) -> Span {
        match self {
            Self::Block(block) => block.brace_token.span.open(),
            Self::Expr(expr) => expr.span(),
            Self::Unparsed(tokens) => tokens.span(),
        }
    }
}

impl Parse for Code {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ends = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![,]);

        if input.peek(token::Brace) {
            let ahead = input.fork();
            let block: TokenTree = ahead.parse()?;
            if ends(&ahead) {
                input.advance_to(&ahead);
                let block = TokenStream::from(block);
                return Ok(syn::parse2(block.clone()).map_or(Self::Unparsed(block), Self::Block));
            }
        }
        let ahead = input.fork();
        match ahead.parse() {
            Ok(expr) if ends(&ahead) => {
                input.advance_to(&ahead);
                Ok(Self::Expr(expr))
            }
            _ => input.parse().map(Self::Unparsed),
        }
    }
}

impl ToTokens for Code {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Block(block) => block.to_tokens(tokens),
            Self::Expr(expr) => expr.to_tokens(tokens),
            Self::Unparsed(unparsed) => unparsed.to_tokens(tokens),
        }
    }
}

/// Returns the body of a group whose name in it is `group`, as the block that it becomes.
pub(crate) fn group_body(
    code: Code,
    group: Option<&Ident>,
    krate: &TokenStream,
    report: &mut Report,
) -> TokenStream {
    let mut block = match code {
        Code::Block(block) => block,
        Code::Expr(expr) => Block {
            brace_token: token::Brace(expr.span()),
            stmts: vec![Stmt::Expr(expr, None)],
        },
        Code::Unparsed(tokens) => return enclosed(Delimiter::Brace, tokens, krate),
    };
    escape::check("task group", &mut block, report);
    let completion = Completion { krate, group };
    completion.complete_spawned(&mut block);
    completion.complete(&mut block);
    block.into_token_stream()
}

/// Returns `block` as a future.
pub(crate) fn future_block(
    mut block: Block,
    krate: &TokenStream,
    report: &mut Report,
) -> TokenStream {
    escape::check("block", &mut block, report);
    Completion { krate, group: None }.complete_if_fallible(&mut block);
    // rustc calls a future by the place of its `async`, which is the user's brace then.
    let span = Span::mixed_site().located_at(block.brace_token.span.open());
    quote_spanned!(span=> async #block)
}

/// Returns `code` as an argument that stays as it is.
pub(crate) fn argument(code: Code, krate: &TokenStream) -> TokenStream {
    match code {
        Code::Unparsed(tokens) => enclosed(Delimiter::Parenthesis, tokens, krate),
        code => code.into_token_stream(),
    }
}

/// Encloses code that does not parse. rustc reports a missing token at the one that comes instead,
/// which is our delimiter: it has the place of the user's last token.
pub(crate) fn enclosed(
    delimiter: Delimiter,
    tokens: TokenStream,
    krate: &TokenStream,
) -> TokenStream {
    let last = tokens.clone().into_iter().last();
    let mut group = Group::new(delimiter, tokens);
    group.set_span(krate.span().located_at(last.span()));
    group.into_token_stream()
}
