#[nimsync::main(flavor = "treads")]
async fn main() {}
