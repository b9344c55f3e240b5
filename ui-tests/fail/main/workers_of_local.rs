#[nimsync::main(flavor = "local", workers = 4)]
async fn main() {}
