//! Messages that answer by their `Reply`.

use expect_test::expect;
use quote::quote;

use super::{becomes, method_says};

#[test]
fn a_message_may_be_given_its_reply() {
    becomes(
        quote!(),
        quote!(
            impl Desk {
                #[message]
                fn queue(&mut self, n: u32, reply: Reply<Result<u32, E>>, cx: &mut Cx<Self>) {}

                #[message(concurrent)]
                async fn beside(&self, reply: nimsync::actor::Reply<u8>) {}

                // It is some type of the user's.
                #[message]
                fn other(&mut self, reply: Reply) {}
            }
        ),
        expect![[r#""#]],
    );
}

#[test]
fn replies_are_checked() {
    method_says(
        quote!(
            pub fn both(&mut self, reply: Reply<u32>) -> u32 {}
        ),
        expect![[r#""#]],
    );
    method_says(
        quote!(
            pub fn not_last(&mut self, reply: Reply<u32>, n: u32) {}
        ),
        expect![[r#""#]],
    );
    method_says(
        quote!(
            pub fn two(&mut self, one: Reply<u32>, other: Reply<u32>) {}
        ),
        expect![[r#""#]],
    );
    method_says(
        quote!(
            pub fn borrows(&mut self, reply: Reply<&str>) {}
        ),
        expect![[r#""#]],
    );
    method_says(
        quote!(
            #[every("1s")]
            fn beat(&mut self, reply: Reply<()>) {}
        ),
        expect![[r#""#]],
    );
}
