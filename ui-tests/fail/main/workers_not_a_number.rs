#[nimsync::main(workers = "four")]
async fn main() {}
