#[nimsync::test]
async fn works(n: u32) {}

fn main() {}
