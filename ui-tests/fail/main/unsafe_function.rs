#[nimsync::main]
async unsafe fn main() {}
