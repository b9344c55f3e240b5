// The macros name nothing through the user's scope, and the user's body cannot see their locals.
#![no_implicit_prelude]
#![allow(dead_code, non_upper_case_globals)]

mod core {}

struct Result;
struct Option;
struct Box;
struct Future;

async fn check() -> ::core::result::Result<(), ::std::fmt::Error> {
    ::core::result::Result::Ok(())
}

#[::nimsync::main]
async fn main() {
    let (__anchor, __core, __env) = (1, 2, 3);
    let rows = 4;
    let sum = ::nimsync::task_group!(|g| {
        g.spawn(async {
            check().await?;
        });
        __anchor + __core + __env
    })
    .await;
    ::std::assert_eq!(sum.unwrap(), 6);
    let (sum, _) = ::nimsync::task_group!(own(rows), |_| __env + *rows).await;
    ::std::assert_eq!(sum.unwrap(), 7);
    let second = ::std::time::Duration::from_secs(1);
    let checked = ::nimsync::with_timeout!(second, {
        check().await?;
    });
    checked.await.unwrap().unwrap();
    ::nimsync::race!(check(), check()).await.unwrap();
}
