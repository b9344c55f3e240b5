#[nimsync::main(wokers = 4)]
async fn main() {}
