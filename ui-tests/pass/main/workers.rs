const WORKERS: usize = 2;

#[nimsync::main(flavor = "threads", workers = WORKERS)]
async fn main() {
    nimsync::yield_now().await;
}
