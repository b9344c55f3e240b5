#[nimsync::test]
fn works() {}

fn main() {}
