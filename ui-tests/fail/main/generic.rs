#[nimsync::main]
async fn main<T>() {}
