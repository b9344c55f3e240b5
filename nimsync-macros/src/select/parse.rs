//! Syntax only: what the user wrote, in order.

use proc_macro2::Span;
use syn::{
    Expr, Pat, Path, Token,
    parse::{Parse, ParseStream},
    spanned::Spanned,
};

/// Everything between the braces.
pub(crate) struct Select {
    pub(crate) krate: Path,
    pub(crate) items: Vec<Item>,
}

pub(crate) enum Item {
    Biased(Span),
    Arm(Box<Arm>),
    Default(Span, Expr),
    Else(Span, Expr),
}

pub(crate) struct Arm {
    pub(crate) pattern: Pat,
    pub(crate) future: Expr,
    pub(crate) condition: Option<Expr>,
    pub(crate) body: Expr,
}

mod keyword {
    syn::custom_keyword!(biased);
    syn::custom_keyword!(default);
}

impl Parse for Select {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let krate = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse()?);
        }
        Ok(Select { krate, items })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if input.peek(keyword::biased) && (input.peek2(Token![;]) || input.peek2(Token![,])) {
            let word: keyword::biased = input.parse()?;
            if input.peek(Token![,]) {
                return Err(input.error("expected `;` after `biased`\nhelp: `biased;`"));
            }
            input.parse::<Token![;]>()?;
            return Ok(Item::Biased(word.span));
        }
        if input.peek(keyword::default) && input.peek2(Token![=>]) {
            let word: keyword::default = input.parse()?;
            return Ok(Item::Default(word.span, body(input)?));
        }
        if input.peek(Token![else]) {
            let word: Token![else] = input.parse()?;
            return Ok(Item::Else(word.span, body(input)?));
        }
        arm(input).map(|arm| Item::Arm(Box::new(arm)))
    }
}

fn arm(input: ParseStream) -> syn::Result<Arm> {
    let pattern = input.call(Pat::parse_multi_with_leading_vert)?;
    if input.peek(Token![=>]) {
        return Err(input.error(
            "expected `=` and a future after the pattern, found `=>`\nhelp: `value = rx.recv() => ..`",
        ));
    }
    if !input.peek(Token![=]) {
        return Err(input.error(
            "expected `=` and a future after the pattern\nhelp: `value = rx.recv() => ..`",
        ));
    }
    input.parse::<Token![=]>()?;
    let future: Expr = input.parse()?;
    let condition = if input.peek(Token![,]) && input.peek2(Token![if]) {
        input.parse::<Token![,]>()?;
        input.parse::<Token![if]>()?;
        Some(input.parse()?)
    } else if input.peek(Token![if]) {
        return Err(input.error(
            "expected `,` before the condition\nhelp: `value = rx.recv(), if condition => ..`",
        ));
    } else {
        None
    };
    if !input.peek(Token![=>]) {
        let text = "expected `=>` and a body after the future\nhelp: `value = rx.recv() => ..`";
        // At the end of the macro there is nothing to point to but the arm.
        return Err(if input.is_empty() {
            syn::Error::new(future.span(), text)
        } else {
            input.error(text)
        });
    }
    Ok(Arm {
        pattern,
        future,
        condition,
        body: body(input)?,
    })
}

/// `=> expression`, and the comma, which a block does not need.
fn body(input: ParseStream) -> syn::Result<Expr> {
    input.parse::<Token![=>]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(input.error("expected a body after `=>`\nhelp: `=> {}` does nothing"));
    }
    let block = input.peek(syn::token::Brace);
    let body = if block {
        Expr::parse_with_earlier_boundary_rule(input)?
    } else {
        input.parse()?
    };
    if input.peek(Token![;]) {
        return Err(input.error("arms are separated by `,`, found `;`"));
    }
    if !input.is_empty() {
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        } else if !block {
            return Err(input.error("expected `,` between arms"));
        }
    }
    Ok(body)
}
