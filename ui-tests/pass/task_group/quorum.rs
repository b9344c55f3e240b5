use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let outcome = task_group!(policy = quorum(2), |g| {
        for n in 0..3 {
            g.spawn(async move { n });
        }
    })
    .await;
    assert!(outcome.is_ok());
}
