use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = with_deadline!(std::time::Instant::now()).await;
}
