//! `#[main]` and `#[test]`: an `async fn` becomes a function that starts a runtime and runs it.
//!
//! The user's function is nested in the new one, with its body untouched, so that rustc reports a
//! type error in it exactly once and at the user's line.

mod options;
#[cfg(test)]
mod tests;

use proc_macro2::{Group, Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, ReturnType, Safety, Signature, Visibility};

use crate::report::{Report, mistake_with_help};
use crate::settings::{self, Call, Setting};
use options::Options;

/// Which of the two attributes it is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Main,
    Test,
}

impl Kind {
    fn attribute(self) -> &'static str {
        match self {
            Self::Main => "#[nimsync::main]",
            Self::Test => "#[nimsync::test]",
        }
    }
}

struct Ast {
    settings: Vec<Setting>,
    function: Function,
}

/// An item `fn` whose body is not parsed: the editor may be in the middle of it.
struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
    body: Group,
}

struct Model {
    kind: Kind,
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    output: ReturnType,
    body: Group,
    krate: TokenStream,
    builder: Vec<Call>,
}

/// Expands the attribute `kind`.
pub(crate) fn entry(kind: Kind, options: TokenStream, item: TokenStream) -> TokenStream {
    let mut report = Report::default();
    let Some(ast) = parse(kind, options, item.clone(), &mut report) else {
        let mistakes = report.into_tokens();
        return quote!(#mistakes #item);
    };
    let repaired = without_entry(&ast.function);
    let model = check(kind, ast, &mut report);
    if report.is_empty() {
        expand(&model)
    } else {
        let mistakes = report.into_tokens();
        quote!(#mistakes #repaired)
    }
}

fn parse(kind: Kind, options: TokenStream, item: TokenStream, report: &mut Report) -> Option<Ast> {
    // rustc has parsed the item, so only its kind can be wrong.
    let Ok(function) = syn::parse2::<Function>(item.clone()) else {
        let rule = format!("`{}` needs an `async fn`", kind.attribute());
        report.push(mistake_with_help(
            item,
            rule,
            "write it above a function: `async fn name() { .. }`",
        ));
        return None;
    };
    let mut settings = Vec::new();
    let parser = |input: ParseStream<'_>| {
        settings::parse(input, |input| !input.is_empty(), &mut settings, report)
    };
    if let Err(mistake) = parser.parse2(options) {
        report.push(mistake);
    }
    Some(Ast { settings, function })
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    }
}

fn check(kind: Kind, ast: Ast, report: &mut Report) -> Model {
    let Ast { settings, function } = ast;
    let Options { krate, builder } = options::check(kind, settings, report);
    check_signature(kind, &function.signature, report);
    if kind == Kind::Test {
        check_attributes(&function.attributes, report);
    }
    Model {
        kind,
        attributes: function.attributes,
        visibility: function.visibility,
        name: function.signature.ident,
        output: function.signature.output,
        body: function.body,
        krate,
        builder,
    }
}

fn check_signature(kind: Kind, signature: &Signature, report: &mut Report) {
    let attribute = kind.attribute();
    let plain = format!("write `async fn {}()`", signature.ident);

    if signature.asyncness.is_none() {
        let rule = format!("`{attribute}` needs an `async fn`");
        report.push(mistake_with_help(signature.fn_token, rule, &plain));
    }
    let mut qualifiers = TokenStream::new();
    signature.constness.to_tokens(&mut qualifiers);
    if !matches!(signature.safety, Safety::Default) {
        signature.safety.to_tokens(&mut qualifiers);
    }
    signature.abi.to_tokens(&mut qualifiers);
    if !qualifiers.is_empty() {
        let rule = format!("the function of `{attribute}` cannot be `{qualifiers}`");
        report.push(mistake_with_help(qualifiers, rule, &plain));
    }
    if let Some(receiver) = signature.receiver() {
        let rule = format!("`{attribute}` works on free functions only, and this is a method");
        report.push(mistake_with_help(
            receiver,
            rule,
            "move the function out of the `impl` block",
        ));
    } else if !signature.inputs.is_empty() {
        let rule = format!("the function of `{attribute}` takes no arguments");
        report.push(mistake_with_help(&signature.inputs, rule, &plain));
    }
    if !signature.generics.params.is_empty() {
        let rule = format!("the function of `{attribute}` cannot be generic");
        report.push(mistake_with_help(&signature.generics, rule, &plain));
    }
}

fn check_attributes(attributes: &[Attribute], report: &mut Report) {
    for attribute in attributes {
        if attribute
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "test")
        {
            let path = attribute
                .path()
                .to_token_stream()
                .to_string()
                .replace(' ', "");
            report.push(mistake_with_help(
                attribute,
                "`#[nimsync::test]` has made this function a test already",
                format_args!("remove `#[{path}]`"),
            ));
        }
    }
}

fn expand(model: &Model) -> TokenStream {
    let Model {
        kind,
        attributes,
        visibility,
        name,
        output,
        body,
        krate,
        builder,
    } = model;
    let (test, start) = match kind {
        Kind::Main => (None, quote!(main)),
        Kind::Test => (Some(quote!(#[::core::prelude::v1::test])), quote!(test)),
    };
    // A message about the root future as a whole belongs to the user's function.
    let root = quote_spanned!(name.span()=> #name());
    quote! {
        #test
        #(#attributes)*
        #visibility fn #name() #output {
            async fn #name() #output #body
            #krate::__private::Entry::#start() #(#builder)* .run(#root)
        }
    }
}

/// The user's function as rustc would accept it without the attribute, for the case of a mistake:
/// rustc and the editor still see the body, and nobody calls it.
fn without_entry(function: &Function) -> TokenStream {
    let Function {
        attributes,
        visibility,
        signature,
        body,
    } = function;
    if signature.receiver().is_some() {
        // It is among other methods, where it can stay.
        return quote!(#(#attributes)* #visibility #signature #body);
    }
    let name = &signature.ident;
    let nested = Signature {
        asyncness: Some(signature.asyncness.unwrap_or_default()),
        ..signature.clone()
    };
    quote! {
        #[allow(dead_code)]
        #visibility fn #name() {
            #[allow(unused_variables)]
            #nested #body
        }
    }
}
