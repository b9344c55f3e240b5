//! Syntax only: what the user wrote, in order.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Pat, Token};

use crate::report::{mistake, mistake_with_help};

/// Everything between the braces.
pub(crate) struct Ast {
    pub(crate) items: Vec<Item>,
}

pub(crate) enum Item {
    Biased(keyword::biased),
    Arm(Box<Arm>),
    Default(keyword::default, Expr),
    Else(Token![else], Expr),
}

pub(crate) struct Arm {
    pub(crate) pattern: Pat,
    pub(crate) future: Expr,
    pub(crate) condition: Option<Expr>,
    pub(crate) body: Expr,
}

pub(crate) mod keyword {
    syn::custom_keyword!(biased);
    syn::custom_keyword!(default);
}

const ARM: &str = "`value = rx.recv() => ..`";

impl Parse for Ast {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse()?);
        }
        Ok(Self { items })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(keyword::biased) && !is_pattern_behind_word(input) {
            let word = input.parse()?;
            if !input.peek(Token![;]) {
                return Err(mistake_with_help(
                    word,
                    "expected `;` after `biased`",
                    "`biased;`",
                ));
            }
            input.parse::<Token![;]>()?;
            return Ok(Self::Biased(word));
        }
        if input.peek(keyword::default) && input.peek2(Token![=>]) {
            return Ok(Self::Default(input.parse()?, body(input)?));
        }
        if input.peek(Token![else]) {
            let word = input.parse()?;
            if !input.peek(Token![=>]) {
                let rule = "expected `=>` and a body after `else`";
                return Err(mistake_with_help(word, rule, "`else => ..`"));
            }
            return Ok(Self::Else(word, body(input)?));
        }
        arm(input).map(|arm| Self::Arm(Box::new(arm)))
    }
}

/// Whether the word at hand is used as a name of the user's, in a pattern.
fn is_pattern_behind_word(input: ParseStream<'_>) -> bool {
    !(input.peek2(Token![;])
        || input.peek2(Token![,])
        || input.peek2(Ident::peek_any)
        || input.peek2(Token![_]))
}

fn arm(input: ParseStream<'_>) -> syn::Result<Arm> {
    let pattern = pattern(input)?;
    input.parse::<Token![=]>()?;
    let future: Expr = input.parse()?;
    let condition = if input.peek(Token![,]) && input.peek2(Token![if]) {
        input.parse::<Token![,]>()?;
        input.parse::<Token![if]>()?;
        Some(input.parse()?)
    } else if input.peek(Token![if]) {
        return Err(mistake_with_help(
            input.parse::<Token![if]>()?,
            "expected `,` before the condition",
            "`value = rx.recv(), if condition => ..`",
        ));
    } else {
        None
    };
    if !input.peek(Token![=>]) {
        let (rule, end) = match &condition {
            Some(condition) => ("expected `=>` and a body after the condition", condition),
            None => ("expected `=>` and a body after the future", &future),
        };
        return Err(mistake_with_help(end, rule, ARM));
    }
    Ok(Arm {
        pattern,
        future,
        condition,
        body: body(input)?,
    })
}

/// The pattern of an arm, with `=` behind it. If it is not, says what is missing.
fn pattern(input: ParseStream<'_>) -> syn::Result<Pat> {
    let at_arrow = |input: ParseStream<'_>| input.peek(Token![=>]);

    let start = input.fork();
    let pattern = input.call(Pat::parse_multi_with_leading_vert);
    let is_call = match &pattern {
        Ok(_) if input.peek(Token![=]) && !at_arrow(input) => return pattern,
        Ok(Pat::TupleStruct(call)) => call.path.segments.last().is_some_and(|segment| {
            let name = segment.ident.to_string();
            name.starts_with(char::is_lowercase)
        }),
        _ => false,
    };
    if pattern.is_ok() && !is_call && at_arrow(input) {
        return Err(mistake_with_help(
            input.parse::<Token![=>]>()?,
            "expected `=` and a future after the pattern, found `=>`",
            ARM,
        ));
    }
    if let Ok(future) = start.parse::<Expr>()
        && (is_call || at_arrow(&start))
    {
        let rule = "expected a pattern and `=` before the future";
        return Err(mistake_with_help(future, rule, ARM));
    }
    let pattern = pattern?;
    Err(mistake_with_help(
        pattern,
        "expected `=` and a future after the pattern",
        ARM,
    ))
}

/// `=> expression`, and the comma, which is needed where a `match` needs it.
fn body(input: ParseStream<'_>) -> syn::Result<Expr> {
    let arrow: Token![=>] = input.parse()?;
    if input.is_empty() || input.peek(Token![,]) {
        let rule = "expected a body after `=>`";
        return Err(mistake_with_help(arrow, rule, "`=> {}` does nothing"));
    }
    let body = Expr::parse_with_earlier_boundary_rule(input)?;
    if input.peek(Token![;]) {
        let semicolon: Token![;] = input.parse()?;
        return Err(mistake(semicolon, "expected `,` after an arm, found `;`"));
    }
    if input.peek(Token![=>]) {
        // The next pattern went on with the body, as in `f() (a, b) = ..`.
        return Err(mistake(body, "expected `,` between these arms"));
    }
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    } else if !input.is_empty() && !ends_with_block(&body) {
        return Err(mistake(body, "expected `,` after this body"));
    }
    Ok(body)
}

fn ends_with_block(body: &Expr) -> bool {
    matches!(
        body,
        Expr::Block(_)
            | Expr::ForLoop(_)
            | Expr::If(_)
            | Expr::Loop(_)
            | Expr::Match(_)
            | Expr::TryBlock(_)
            | Expr::Unsafe(_)
            | Expr::While(_)
    )
}
