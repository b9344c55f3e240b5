//! `#[actor]`: a struct gets a handle, its impl becomes messages.
//!
//! The two halves are written apart and know each other by name only: the handle of `Counter` is
//! `CounterHandle`. The impl stays the user's tokens, without the helper attributes; its bodies are
//! not parsed, since the editor may be in the middle of one.

mod assertion;
mod hook;
mod message;
mod messages;
mod options;
mod structure;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Token, Visibility};

use crate::report::{Report, mistake_with_help};
pub(crate) use assertion::placed;
pub(crate) use options::{duration, duration_tokens, mailbox_option, parse_duration};

/// Expands the attribute.
pub(crate) fn actor(options: TokenStream, item: TokenStream) -> TokenStream {
    match kind(item.clone()) {
        Kind::Struct => structure::structure(options, item),
        Kind::Impl => messages::messages(options, item),
        Kind::Other => {
            let mut report = Report::default();
            report.push(mistake_with_help(
                &item,
                "`#[actor]` goes on a struct and on its inherent impl",
                "put it on the `struct` that holds the state, and on `impl Name { .. }`",
            ));
            let mistakes = report.into_tokens();
            quote!(#mistakes #item)
        }
    }
}

enum Kind {
    Struct,
    Impl,
    Other,
}

fn kind(item: TokenStream) -> Kind {
    let look = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Option<Token![unsafe]>>()?;
        let kind = if input.peek(Token![struct]) {
            Kind::Struct
        } else if input.peek(Token![impl]) {
            Kind::Impl
        } else {
            Kind::Other
        };
        input.parse::<TokenStream>()?;
        Ok(kind)
    };
    look.parse2(item).unwrap_or(Kind::Other)
}

/// The block of an item, placed where the user's tokens are: rustc marks the item by its ends.
fn block(user: Span, content: TokenStream) -> Group {
    let mut block = Group::new(Delimiter::Brace, content);
    block.set_span(user);
    block
}

/// The name of an actor's handle.
fn handle_name(actor: &Ident) -> Ident {
    format_ident!("{actor}Handle")
}

/// An identifier of the expansion, placed where the user's tokens are, which no name of the user's
/// can meet.
pub(crate) fn own(name: &str, user: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(user))
}
