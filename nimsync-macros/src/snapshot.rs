//! Comparison of an expansion with the text that a test expects.

use expect_test::Expect;
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::LitStr;

/// Compares items.
pub(crate) fn items(expansion: TokenStream, expected: Expect) {
    expected.assert_eq(&pretty(expansion));
}

/// Compares an expression.
pub(crate) fn expression(expansion: TokenStream, expected: Expect) {
    let function = pretty(quote!(fn value() { #expansion }));
    let lines: Vec<&str> = function.lines().collect();
    let text = match &*lines {
        [_, value @ .., _] => value
            .iter()
            .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
            .collect(),
        _ => format!("{expansion}\n"),
    };
    expected.assert_eq(&text);
}

/// Compares the messages in an expansion, one after the other.
pub(crate) fn messages(expansion: TokenStream, expected: Expect) {
    let mut text = String::new();
    collect_messages(expansion, &mut text);
    expected.assert_eq(&text);
}

/// Half-typed code does not parse; its tokens are compared as they are.
fn pretty(items: TokenStream) -> String {
    match syn::parse2(items.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => format!("{items}\n"),
    }
}

/// A message is the group behind `compile_error !`.
fn collect_messages(tokens: TokenStream, text: &mut String) {
    let mut is_message = false;
    for tree in tokens {
        match tree {
            TokenTree::Ident(name) => is_message = name == "compile_error",
            TokenTree::Group(group) if is_message => {
                let message: LitStr = syn::parse2(group.stream()).unwrap();
                text.push_str(&format!("{}\n", message.value()));
                is_message = false;
            }
            TokenTree::Group(group) => collect_messages(group.stream(), text),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
