use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let first = race!(async { 1 }, std::future::pending(), { std::future::pending().await }).await;
    assert_eq!(first, 1);
    let only = race!(async { 5 }).await;
    assert_eq!(only, 5);
}
