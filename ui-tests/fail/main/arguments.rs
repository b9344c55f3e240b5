#[nimsync::main]
async fn main(port: u16) {}
