#[nimsync::main]
struct Main;

fn main() {}
