#[nimsync::main(crate = "my_runtime::nimsync")]
async fn main() {}
