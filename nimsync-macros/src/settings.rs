//! Options as the user writes them, the same in attributes and in front of a group's body:
//! `limit = 8`, `eager`, `own(a, b)`. What they become is a chain of calls on a builder.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, ExprLit, Lit, Token, token};

use crate::nearest::{listed, nearest};
use crate::report::{Report, mistake, mistake_with_help};

/// One option, its name not yet looked up.
pub(crate) struct Setting {
    pub(crate) name: Ident,
    value: Value,
}

enum Value {
    Absent,
    Assigned(Expr),
    Listed(Group),
}

impl Setting {
    /// Takes the value of an option that is written like `example`.
    pub(crate) fn assigned(self, example: &str, report: &mut Report) -> Option<Expr> {
        match self.value {
            Value::Assigned(value) => Some(value),
            Value::Absent | Value::Listed(_) => {
                let rule = format!("`{}` needs a value", self.name);
                report.push(mistake_with_help(
                    &self.name,
                    rule,
                    format_args!("`{example}`"),
                ));
                None
            }
        }
    }

    /// Takes the list of an option that is written like `example`.
    pub(crate) fn listed(self, example: &str, report: &mut Report) -> Option<Group> {
        match self.value {
            Value::Listed(list) => Some(list),
            Value::Absent | Value::Assigned(_) => {
                let rule = format!("`{}` needs a list in parentheses", self.name);
                report.push(mistake_with_help(
                    &self.name,
                    rule,
                    format_args!("`{example}`"),
                ));
                None
            }
        }
    }

    /// Checks that an option which is switched on by its name has nothing else.
    pub(crate) fn bare(self, report: &mut Report) -> Ident {
        let value = match self.value {
            Value::Absent => return self.name,
            Value::Assigned(value) => value.into_token_stream(),
            Value::Listed(list) => list.into_token_stream(),
        };
        let rule = format!("`{}` takes no value", self.name);
        report.push(mistake_with_help(
            value,
            rule,
            format_args!("write only `{}`", self.name),
        ));
        self.name
    }

    /// Shows the option without its value.
    pub(crate) fn outline(&self) -> String {
        let name = &self.name;
        match self.value {
            Value::Absent => name.to_string(),
            Value::Assigned(_) => format!("{name} = .."),
            Value::Listed(_) => format!("{name}(..)"),
        }
    }

    /// Returns the value, for a look at it before the option is taken apart.
    pub(crate) fn value(&self) -> Option<&Expr> {
        match &self.value {
            Value::Assigned(value) => Some(value),
            Value::Absent | Value::Listed(_) => None,
        }
    }
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        // `crate` is a keyword, and a name here.
        let Ok(name) = input.call(Ident::parse_any) else {
            return Err(mistake(
                input.parse::<TokenTree>()?,
                "expected an option, such as `name = value`",
            ));
        };
        let value = if input.peek(Token![=]) {
            let equals: Token![=] = input.parse()?;
            if input.is_empty() || input.peek(Token![,]) {
                return Err(mistake(
                    equals,
                    format_args!("expected a value after `{name} =`"),
                ));
            }
            Value::Assigned(input.parse()?)
        } else if input.peek(token::Paren) {
            Value::Listed(input.parse()?)
        } else {
            Value::Absent
        };
        Ok(Self { name, value })
    }
}

/// Parses options with a comma behind each, while the input is `at_option`. Goes on behind one that
/// is broken.
pub(crate) fn parse(
    input: ParseStream<'_>,
    at_option: impl Fn(ParseStream<'_>) -> bool,
    settings: &mut Vec<Setting>,
    report: &mut Report,
) -> syn::Result<()> {
    while at_option(input) {
        match input.parse() {
            Ok(setting) => settings.push(setting),
            Err(mistake) => {
                report.push(mistake);
                skip_to_comma(input)?;
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// Drops the options that are unknown or given before, with a message for each.
pub(crate) fn known(settings: Vec<Setting>, names: &[&str], report: &mut Report) -> Vec<Setting> {
    let mut kept: Vec<Setting> = Vec::new();
    for setting in settings {
        let name = setting.name.to_string();
        if !names.contains(&name.as_str()) {
            report.push(unknown(&setting.name, "option", &name, names));
        } else if kept.iter().any(|before| before.name == name) {
            report.push(mistake_with_help(
                &setting.name,
                format_args!("`{name}` is given twice"),
                "remove one of them",
            ));
        } else {
            kept.push(setting);
        }
    }
    kept
}

/// The message for a name that is not one of `names`.
pub(crate) fn unknown(at: impl ToTokens, what: &str, written: &str, names: &[&str]) -> syn::Error {
    let rule = format!(
        "unknown {what} `{written}`; expected one of {}",
        listed(names)
    );
    match nearest(written, names) {
        Some(name) => mistake_with_help(at, rule, format_args!("did you mean `{name}`?")),
        None => mistake(at, rule),
    }
}

/// Tells whether a value is the literal zero.
pub(crate) fn is_zero(value: &Expr) -> bool {
    matches!(value, Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.base10_digits() == "0")
}

/// `.method(argument)` on a builder.
pub(crate) struct Call {
    pub(crate) method: Ident,
    pub(crate) argument: Option<TokenStream>,
}

impl Call {
    /// The call for an option that is named like its method. The name stays the user's token: rustc
    /// marks it when the argument has the wrong type.
    pub(crate) fn with(method: Ident, argument: impl ToTokens) -> Self {
        Self {
            method,
            argument: Some(argument.into_token_stream()),
        }
    }

    /// A call without an argument.
    pub(crate) fn bare(method: Ident) -> Self {
        Self {
            method,
            argument: None,
        }
    }
}

impl ToTokens for Call {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { method, argument } = self;
        tokens.extend(quote!(.#method(#argument)));
    }
}
