use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;

use super::actor;
use crate::snapshot;

fn says(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::messages(actor(options, item), expected);
}
