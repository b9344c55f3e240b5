use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let five = shield!(async { 5 }).await;
    assert_eq!(five, 5);
    let saved = shield!({
        "6".parse::<u32>()?;
    })
    .await;
    saved.unwrap();
}
