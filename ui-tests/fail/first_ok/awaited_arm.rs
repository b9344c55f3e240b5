use nimsync::prelude::*;

async fn work() -> Result<u32, String> {
    Ok(1)
}

#[nimsync::main]
async fn main() {
    let _ = first_ok!(work().await).await;
}
