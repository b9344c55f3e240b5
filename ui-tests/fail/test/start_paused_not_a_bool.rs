#[nimsync::test(start_paused = 1)]
async fn works() {}

fn main() {}
