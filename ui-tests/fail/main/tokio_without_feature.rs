#[nimsync::main(tokio)]
async fn main() {
    nimsync::compat(async {}).await;
}
