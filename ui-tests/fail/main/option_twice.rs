#[nimsync::main(workers = 4, workers = 5)]
async fn main() {}
