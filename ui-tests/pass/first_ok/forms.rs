use nimsync::prelude::*;

async fn step(good: bool) -> Result<u32, String> {
    if good { Ok(1) } else { Err("no".into()) }
}

#[nimsync::main]
async fn main() {
    let first = first_ok!(step(false), step(true)).await;
    assert_eq!(first.unwrap(), 1);
}
