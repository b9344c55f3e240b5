#[nimsync::main(wokers = 4, flavor = "multi_thread")]
fn main(port: u16) {}
