#[nimsync::main(flavor = local)]
async fn main() {}
