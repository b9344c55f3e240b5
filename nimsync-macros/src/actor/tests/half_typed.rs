//! What is left of code that is being typed.

use expect_test::expect;
use quote::quote;

use super::super::actor;
use super::{becomes, method_says};

#[test]
fn half_typed_code_stays() {
    becomes(
        quote!(),
        quote!(
            impl Counter {
                pub fn increment(&mut self, by: i64) {
                    self.n.
                }
                pub fn
            }
        ),
        expect![[r#"
            impl Counter { pub fn increment (& mut self , by : i64) { self . n . } pub fn } const _ : () = { # [allow (dead_code , trivial_bounds)] fn __assertion_0 () where i64 : :: nimsync :: actor :: check :: Argument { } # [allow (non_camel_case_types , missing_docs , unreachable_pub , clippy :: large_enum_variant)] pub enum __CounterMessage { increment ((i64 ,) , :: nimsync :: actor :: Reply < () >) , } # [automatically_derived] # [diagnostic :: do_not_recommend] impl :: nimsync :: actor :: Message for __CounterMessage { fn name (& self) -> & 'static str { match self { Self :: increment (..) => "increment" , } } fn refuse (self , why : :: nimsync :: actor :: Refusal) -> bool { match self { Self :: increment (_ , reply) => reply . refuse (why) , } } } # [automatically_derived] # [allow (trivial_bounds , clippy :: unit_arg , clippy :: let_unit_value)] impl :: nimsync :: actor :: Messages for Counter where for < 'granted > Counter : :: nimsync :: actor :: Actor , for < 'granted > __CounterMessage : :: nimsync :: actor :: Message , { type Message = __CounterMessage ; async fn dispatch (& mut self , message : Self :: Message , # [allow (unused_variables)] cx : & mut :: nimsync :: actor :: Cx < Self > ,) { match message { __CounterMessage :: increment ((by ,) , reply) => { let value = Self :: increment (self , by ,) ; reply . send (value) ; } } } } # [automatically_derived] impl CounterHandle { # [allow (dead_code)] # [inline] pub fn increment (& self , by : i64) -> :: nimsync :: actor :: Call < '_ , Counter , :: nimsync :: actor :: Plain < () > , (i64 ,) > { :: nimsync :: actor :: Call :: new (self , (by ,) , __CounterMessage :: increment , | message | match message { __CounterMessage :: increment (arguments , _) => arguments , # [allow (unreachable_patterns)] _ => :: core :: unreachable ! () , }) } } } ;
        "#]],
    );
    becomes(
        quote!(mailbox =),
        quote!(
            impl Counter {
                pub fn increment(&mut self, by: ) {}
            }
        ),
        expect![[r#"
            :: core :: compile_error ! { "expected a value after `mailbox =`" } impl Counter { pub fn increment (& mut self , by :) { } }
        "#]],
    );
    becomes(
        quote!(mailbox),
        quote!(struct Counter),
        expect![[r#"
            :: core :: compile_error ! { "`mailbox` needs a value\nhelp: `mailbox = 64`" } struct Counter # [doc = " The handle of the actor [`Counter`]: its messages are its methods."] struct CounterHandle (:: nimsync :: actor :: Addr < Counter >) ; # [automatically_derived] impl :: core :: clone :: Clone for CounterHandle { fn clone (& self) -> Self { Self (:: core :: clone :: Clone :: clone (& self . 0)) } } # [automatically_derived] impl :: core :: cmp :: PartialEq for CounterHandle { fn eq (& self , other : & Self) -> bool { self . 0 == other . 0 } } # [automatically_derived] impl :: core :: cmp :: Eq for CounterHandle { } # [automatically_derived] impl :: core :: hash :: Hash for CounterHandle { fn hash < __State : :: core :: hash :: Hasher > (& self , state : & mut __State) { :: core :: hash :: Hash :: hash (& self . 0 , state) ; } } # [automatically_derived] impl :: core :: fmt :: Debug for CounterHandle { fn fmt (& self , formatter : & mut :: core :: fmt :: Formatter < '_ >) -> :: core :: fmt :: Result { formatter . debug_tuple ("CounterHandle") . field (& self . 0) . finish () } } # [automatically_derived] impl :: core :: ops :: Deref for CounterHandle { type Target = :: nimsync :: actor :: Addr < Counter > ; fn deref (& self) -> & Self :: Target { & self . 0 } } # [automatically_derived] impl :: nimsync :: actor :: Actor for Counter { type Handle = CounterHandle ; fn handle (address : :: nimsync :: actor :: Addr < Self >) -> CounterHandle { CounterHandle (address) } }
        "#]],
    );
}

#[test]
fn a_method_that_is_being_typed_leaves_the_others() {
    for half in [
        quote!(pub fn),
        quote!(pub fn put(&mut self, by: i64) -> ),
        quote!(pub async fn put(&mut self, by)),
        quote!(fn helper(&self) { self. }),
    ] {
        let item = quote!(
            impl Counter {
                pub fn good(&mut self) {}
                #half
            }
        );
        let expansion = actor(quote!(), item).to_string();
        assert!(expansion.contains("pub fn good (& self ,)"), "{expansion}");
        assert!(expansion.contains(&half.to_string()), "{expansion}");
    }
}

#[test]
fn a_half_typed_message_option_is_named() {
    method_says(
        quote!(
            #[message(priority = )]
            fn tick(&mut self) {}
        ),
        expect![[r#"
            expected a value after `priority =`
        "#]],
    );
    method_says(
        quote!(
            #[message(, concurrent)]
            async fn tick(&self) {}
        ),
        expect![[r#"
            expected an option, such as `name = value`
        "#]],
    );
    method_says(
        quote!(
            #[message(conc)]
            async fn tick(&self) {}
        ),
        expect![[r#"
            unknown option `conc`; expected one of `priority`, `concurrent`, `accept`
        "#]],
    );
}
