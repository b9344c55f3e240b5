use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Kind, entry};
use crate::snapshot;

fn main(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::items(entry(Kind::Main, options, item), expected);
}

fn test(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::items(entry(Kind::Test, options, item), expected);
}

fn main_says(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::messages(entry(Kind::Main, options, item), expected);
}

fn test_says(options: TokenStream, item: TokenStream, expected: Expect) {
    snapshot::messages(entry(Kind::Test, options, item), expected);
}

#[test]
fn main_nests_the_function() {
    main(
        quote!(),
        quote!(
            pub async fn main() -> Result<(), Error> {
                run().await?;
                Ok(())
            }
        ),
        expect![[r#"
            pub fn main() -> Result<(), Error> {
                async fn main() -> Result<(), Error> {
                    run().await?;
                    Ok(())
                }
                ::nimsync::__private::Entry::main().run(main())
            }
        "#]],
    );
}

#[test]
fn main_takes_options() {
    main(
        quote!(flavor = "local"),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            fn main() {
                async fn main() {}
                ::nimsync::__private::Entry::main().local().run(main())
            }
        "#]],
    );
    main(
        quote!(flavor = "threads", workers = 4, crate = my::nimsync,),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            fn main() {
                async fn main() {}
                my::nimsync::__private::Entry::main().threads().workers(4).run(main())
            }
        "#]],
    );
}

#[test]
fn tokio_is_switched_on_by_its_name() {
    main(
        quote!(tokio, workers = 2),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            fn main() {
                async fn main() {}
                ::nimsync::__private::Entry::main().tokio().workers(2).run(main())
            }
        "#]],
    );
    main_says(
        quote!(tokio = true),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            `tokio` takes no value
            help: write only `tokio`
        "#]],
    );
    test_says(
        quote!(tokio, start_paused = true),
        quote!(
            async fn works() {}
        ),
        expect![[r#"
            `tokio` does not go with `start_paused`: tokio's clock cannot be paused here
            help: remove one of them
        "#]],
    );
}

#[test]
fn test_keeps_attributes() {
    test(
        quote!(),
        quote!(
            #[doc = "Why."]
            #[ignore]
            #[should_panic]
            async fn works() {}
        ),
        expect![[r#"
            #[::core::prelude::v1::test]
            ///Why.
            #[ignore]
            #[should_panic]
            fn works() {
                async fn works() {}
                ::nimsync::__private::Entry::test().run(works())
            }
        "#]],
    );
}

#[test]
fn test_takes_options() {
    test(
        quote!(start_paused = true, workers = 2),
        quote!(
            async fn works() {}
        ),
        expect![[r#"
            #[::core::prelude::v1::test]
            fn works() {
                async fn works() {}
                ::nimsync::__private::Entry::test().start_paused().workers(2).run(works())
            }
        "#]],
    );
    test(
        quote!(start_paused = false),
        quote!(
            async fn works() {}
        ),
        expect![[r#"
            #[::core::prelude::v1::test]
            fn works() {
                async fn works() {}
                ::nimsync::__private::Entry::test().run(works())
            }
        "#]],
    );
}

#[test]
fn half_typed_body_stays() {
    main(
        quote!(),
        "async fn main() { let x = foo. ; x.ba }".parse().unwrap(),
        expect![[r#"
            fn main () { async fn main () { let x = foo . ; x . ba } :: nimsync :: __private :: Entry :: main () . run (main ()) }
        "#]],
    );
}

#[test]
fn half_typed_options_keep_the_function() {
    main(
        quote!(workers =),
        quote!(
            async fn main() {
                run().await
            }
        ),
        expect![[r#"
            ::core::compile_error! {
                "expected a value after `workers =`"
            }
            #[allow(dead_code)]
            fn main() {
                #[allow(unused_variables)]
                async fn main() {
                    run().await
                }
            }
        "#]],
    );
    main(
        quote!(work),
        quote!(
            async fn main() {
                run().await
            }
        ),
        expect![[r#"
            ::core::compile_error! {
                "unknown option `work`; expected one of `flavor`, `workers`, `tokio`, `crate`"
            }
            #[allow(dead_code)]
            fn main() {
                #[allow(unused_variables)]
                async fn main() {
                    run().await
                }
            }
        "#]],
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    main(
        quote!(wokers = 4, flavor = "multi_thread", 5),
        quote!(
            fn main<T>(x: u32) -> T {
                x.into()
            }
        ),
        expect![[r#"
            ::core::compile_error! {
                "expected an option, such as `name = value`"
            }
            ::core::compile_error! {
                "unknown option `wokers`; expected one of `flavor`, `workers`, `tokio`, `crate`\nhelp: did you mean `workers`?"
            }
            ::core::compile_error! {
                "unknown flavor `multi_thread`; the flavors are `local` and `threads`\nhelp: tokio's `multi_thread` is `threads` here: `flavor = \"threads\"`"
            }
            ::core::compile_error! {
                "`#[nimsync::main]` needs an `async fn`\nhelp: write `async fn main()`"
            }
            ::core::compile_error! {
                "the function of `#[nimsync::main]` takes no arguments\nhelp: write `async fn main()`"
            }
            ::core::compile_error! {
                "the function of `#[nimsync::main]` cannot be generic\nhelp: write `async fn main()`"
            }
            #[allow(dead_code)]
            fn main() {
                #[allow(unused_variables)]
                async fn main<T>(x: u32) -> T {
                    x.into()
                }
            }
        "#]],
    );
}

#[test]
fn values_are_checked() {
    main_says(
        quote!(workers = 0),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            a runtime needs at least one worker
            help: `workers = 4`
        "#]],
    );
    main_says(
        quote!(workers = "four"),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            `workers` takes a number, found `"four"`
            help: `workers = 4`
        "#]],
    );
    main_says(
        quote!(workers = 1, workers = 2),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            `workers` is given twice
            help: remove one of them
        "#]],
    );
    main_says(
        quote!(flavor = "local", workers = 2),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            `workers` has no effect with `flavor = "local"`, which runs on one thread
            help: remove `workers`, or write `flavor = "threads"`
        "#]],
    );
    main_says(
        quote!(flavor = local),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            `flavor` takes a string, found `local`
            help: `flavor = "local"` or `flavor = "threads"`
        "#]],
    );
    main_says(
        quote!(flavor = "thread"),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            unknown flavor `thread`; the flavors are `local` and `threads`
            help: `flavor = "local"` or `flavor = "threads"`
        "#]],
    );
    main_says(
        quote!(crate = "nimsync"),
        quote!(
            async fn main() {}
        ),
        expect![[r#"
            `crate` takes a path, found `"nimsync"`
            help: write it without quotes: `crate = nimsync`
        "#]],
    );
    test_says(
        quote!(start_paused = 1),
        quote!(
            async fn works() {}
        ),
        expect![[r#"
            `start_paused` takes `true` or `false`, found `1`
            help: `start_paused = true`
        "#]],
    );
}

#[test]
fn method_stays_where_it_is() {
    main(
        quote!(),
        quote!(
            async fn main(&self) {
                self.run().await
            }
        ),
        expect![[r#"
            ::core::compile_error! {
                "`#[nimsync::main]` works on free functions only, and this is a method\nhelp: move the function out of the `impl` block"
            }
            async fn main(&self) {
                self.run().await
            }
        "#]],
    );
}

#[test]
fn other_item_stays() {
    main(
        quote!(),
        quote!(
            struct Main;
        ),
        expect![[r#"
            ::core::compile_error! {
                "`#[nimsync::main]` needs an `async fn`\nhelp: write it above a function: `async fn name() { .. }`"
            }
            struct Main;
        "#]],
    );
}

#[test]
fn second_test_attribute() {
    test_says(
        quote!(),
        quote!(
            #[test]
            async fn works() {}
        ),
        expect![[r#"
            `#[nimsync::test]` has made this function a test already
            help: remove `#[test]`
        "#]],
    );
}

#[test]
fn qualified_function() {
    main_says(
        quote!(),
        quote!(
            async unsafe extern "C" fn main() {}
        ),
        expect![[r#"
            the function of `#[nimsync::main]` cannot be `unsafe extern "C"`
            help: write `async fn main()`
        "#]],
    );
}
