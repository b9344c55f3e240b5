//! The `|g|` in front of a body.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Ident, Pat, Token};

use super::USAGE;
use crate::report::{Report, mistake_with_help};

/// `|g|`, and what else one may write for a closure.
pub(super) struct Head {
    qualifiers: TokenStream,
    open: Token![|],
    parameters: TokenStream,
    close: Token![|],
}

impl Head {
    pub(super) fn starts(input: ParseStream<'_>) -> bool {
        input.peek(Token![|]) || input.peek(Token![async]) || input.peek(Token![move])
    }

    /// Returns the one parameter: a name, or `_`.
    pub(super) fn check(&self, report: &mut Report) -> Option<Pat> {
        let qualifiers = &self.qualifiers;
        if !qualifiers.is_empty() {
            report.push(mistake_with_help(
                qualifiers,
                format_args!("the body of `task_group!` is asynchronous and borrows; it takes no `{qualifiers}`"),
                USAGE,
            ));
        }
        match Pat::parse_single.parse2(self.parameters.clone()) {
            Ok(name @ Pat::Wild(_)) => Some(name),
            Ok(Pat::Ident(name))
                if name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none() =>
            {
                Some(Pat::Ident(name))
            }
            _ => {
                report.push(mistake_with_help(
                    self,
                    "the body of `task_group!` takes one parameter, a name for the group",
                    USAGE,
                ));
                None
            }
        }
    }
}

/// Returns the name of a group whose parameter is `parameter`.
pub(super) fn name(parameter: &Pat) -> Option<&Ident> {
    match parameter {
        Pat::Ident(name) => Some(&name.ident),
        _ => None,
    }
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut qualifiers = TokenStream::new();
        while input.peek(Token![async]) || input.peek(Token![move]) {
            qualifiers.extend([input.parse::<TokenTree>()?]);
        }
        let open = input.parse()?;
        let mut parameters = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![|]) {
            parameters.extend([input.parse::<TokenTree>()?]);
        }
        Ok(Self {
            qualifiers,
            open,
            parameters,
            close: input.parse()?,
        })
    }
}

impl ToTokens for Head {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.open.to_tokens(tokens);
        self.parameters.to_tokens(tokens);
        self.close.to_tokens(tokens);
    }
}
