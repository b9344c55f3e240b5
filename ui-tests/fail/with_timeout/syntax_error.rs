use nimsync::prelude::*;

async fn work() -> u32 {
    1
}

#[nimsync::main]
async fn main() {
    let _ = with_timeout!(2.seconds(), work().).await;
}
