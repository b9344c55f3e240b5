use nimsync::prelude::*;

async fn work() -> u32 {
    1
}

#[nimsync::main]
async fn main() {
    shield!(work(), work()).await;
}
