//! Expansions and messages, compared with what is expected.

mod accept;
mod half_typed;
mod hooks;
mod messages;
mod replies;
mod rules;
mod structure;

use expect_test::Expect;
use proc_macro2::TokenStream;
use quote::quote;

use super::actor;
use crate::snapshot;

fn becomes(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::items(actor(options, item), expected);
}

fn says(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::messages(actor(options, item), expected);
}

/// The messages for one method.
fn method_says(method: TokenStream, expected: Expect) {
    let item = quote!(
        impl Counter {
            #method
            pub fn good(&mut self) {}
        }
    );
    says(quote!(), item, expected);
}
