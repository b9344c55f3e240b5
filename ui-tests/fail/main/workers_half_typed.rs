#[nimsync::main(workers = )]
async fn main() {}
