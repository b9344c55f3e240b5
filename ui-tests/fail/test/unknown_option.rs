#[nimsync::test(start_pause = true)]
async fn works() {}

fn main() {}
