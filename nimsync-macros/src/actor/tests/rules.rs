//! What items, options and methods have to be.

use expect_test::expect;
use quote::quote;

use super::{method_says, says};

#[test]
fn other_items_are_refused() {
    says(
        quote!(),
        quote!(
            enum Counter {
                A,
            }
        ),
        expect![[r#"
        `#[actor]` goes on a struct and on its inherent impl
        help: put it on the `struct` that holds the state, and on `impl Name { .. }`
    "#]],
    );
    says(
        quote!(),
        quote!(
            fn counter() {}
        ),
        expect![[r#"
        `#[actor]` goes on a struct and on its inherent impl
        help: put it on the `struct` that holds the state, and on `impl Name { .. }`
    "#]],
    );
    says(
        quote!(),
        quote!(impl Clone for Counter { fn clone(&self) -> Self { Self } }),
        expect![[r#"
        `#[actor]` goes on an inherent impl, and this one is of a trait
        help: write `impl Counter { .. }`
    "#]],
    );
    says(
        quote!(),
        quote!(impl [u8] { pub fn f(&self) {} }),
        expect![[r#"
        `#[actor]` needs the name of the actor's struct here
    "#]],
    );
    says(
        quote!(),
        quote!(impl Counter { fn helper(&self) {} }),
        expect![[r#"
        this actor has no messages
        help: write `pub fn name(&mut self) { .. }`, or `#[message]` above a private method
    "#]],
    );
}

#[test]
fn options_are_checked() {
    let item = || {
        quote!(
            struct Counter;
        )
    };
    says(
        quote!(mialbox = 3),
        item(),
        expect![[r#"
            unknown option `mialbox`; expected one of `mailbox`, `full`, `concurrent`, `stop_within`, `crate`
            help: did you mean `mailbox`?
        "#]],
    );
    says(
        quote!(mailbox = 0),
        item(),
        expect![[r#"
        a mailbox holds at least one message
        help: `mailbox = 1`
    "#]],
    );
    says(
        quote!(full = "wait"),
        item(),
        expect![[r#"
            `full` says what happens to a message for which there is no room
            help: `full = wait`, `reject`, `drop_newest`, `drop_oldest` or `stop`
        "#]],
    );
    says(
        quote!(full = rejcet),
        item(),
        expect![[r#"
            unknown choice `rejcet`; expected one of `wait`, `reject`, `drop_newest`, `drop_oldest`, `stop`
            help: did you mean `reject`?
        "#]],
    );
    says(
        quote!(stop_within = 5),
        item(),
        expect![[r#"
        expected a duration in quotes, with its unit
        help: `stop_within = "5s"`
    "#]],
    );
    says(
        quote!(stop_within = "5 parsecs"),
        item(),
        expect![[r#"
        expected a number and its unit: `ns`, `us`, `ms`, `s`, `min` or `h`
        help: `stop_within = "5s"`
    "#]],
    );
    says(
        quote!(stop_within = "0s"),
        item(),
        expect![[r#"
        the duration is zero
    "#]],
    );
    says(
        quote!(mailbox = 1, mailbox = 2),
        item(),
        expect![[r#"
        `mailbox` is given twice
        help: remove one of them
    "#]],
    );
    says(
        quote!(mailbox = 1),
        quote!(impl Counter { pub fn f(&self) {} }),
        expect![[r#"
        unknown option `mailbox`; expected one of `crate`
    "#]],
    );
}

#[test]
fn receivers_are_checked() {
    method_says(
        quote!(
            pub fn new(n: i64) -> Self {
                Self { n }
            }
        ),
        expect![[r#"
            a message needs `&mut self` or `&self`, and `new` has neither
            help: move it to an `impl` block without `#[actor]`; if it makes the actor, write `#[init]`
        "#]],
    );
    method_says(
        quote!(
            pub fn finish(self) {}
        ),
        expect![[r#"
        a message borrows the actor, which goes on afterwards
        help: write `&mut self` or `&self`
    "#]],
    );
    method_says(
        quote!(
            pub fn finish(self: Box<Self>) {}
        ),
        expect![[r#"
        a message borrows the actor, which goes on afterwards
        help: write `&mut self` or `&self`
    "#]],
    );
}

#[test]
fn arguments_are_checked() {
    method_says(
        quote!(
            pub fn name(&mut self, name: &str) {}
        ),
        expect![[r#"
        an argument of a message is owned: it outlives the call
        help: take a `String`
    "#]],
    );
    method_says(
        quote!(
            pub fn data(&mut self, data: &[u8], more: &'static [u8]) {}
        ),
        expect![[r#"
        an argument of a message is owned: it outlives the call
        help: take a `Vec<u8>`
    "#]],
    );
    method_says(
        quote!(
            pub fn pair(&mut self, (a, b): (u8, u8)) {}
        ),
        expect![[r#"
        an argument of a message has a name: callers see it
        help: take it apart in the body
    "#]],
    );
    method_says(
        quote!(
            pub fn any(&mut self, any: impl Fn()) {}
        ),
        expect![[r#"
        an argument of a message has a named type: the mailbox holds it
        help: name the type, or use a `Box<dyn ..>`
    "#]],
    );
    method_says(
        quote!(
            pub fn early(&mut self, cx: &mut Cx<Self>, n: u8) {}
        ),
        expect![[r#"
        the context comes last
    "#]],
    );
    method_says(
        quote!(
            pub fn generic<T: Send>(&mut self, value: T) {}
        ),
        expect![[r#"
        a message cannot be generic: the mailbox holds one type
        help: name the types, or make the actor generic
    "#]],
    );
    method_says(
        quote!(
            pub fn lent(&self) -> &str {
                ""
            }
        ),
        expect![[r#"
        a reply is owned: it leaves the actor
        help: return a `String`
    "#]],
    );
    method_says(
        quote!(
            pub fn some(&self) -> impl Iterator {
                []
            }
        ),
        expect![[r#"
        a reply has a named type: the caller waits for it
        help: name the type, or use a `Box<dyn ..>`
    "#]],
    );
    method_says(
        quote!(
            pub unsafe fn dangerous(&self) {}
        ),
        expect![[r#"
        a message cannot be `unsafe`
    "#]],
    );
}

#[test]
fn names_are_checked() {
    method_says(
        quote!(
            pub fn stop(&mut self) {}
        ),
        expect![[r#"
        a message cannot be called `stop`: every handle has a method of that name
        help: choose another name
    "#]],
    );
    method_says(
        quote!(
            pub fn id(&self) -> u32 {
                1
            }
        ),
        expect![[r#"
        a message cannot be called `id`: every handle has a method of that name
        help: choose another name
    "#]],
    );
    // Not of the handle.
    method_says(
        quote!(
            fn stop(&mut self) {}
        ),
        expect![[""]],
    );
}
