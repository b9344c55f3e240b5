#[nimsync::main]
async fn main() {
    nimsync::yield_now().await;
}
