#[nimsync::main(flavor = "threads" workers = 4)]
async fn main() {}
