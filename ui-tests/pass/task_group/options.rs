use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let outcome = task_group!(
        policy = collect_errors,
        limit = 2,
        timeout = 2.seconds(),
        grace = 20.microseconds(),
        name = "fetchers",
        eager,
        |g| {
            g.spawn(async {});
        },
    )
    .await;
    assert!(outcome.is_ok());

    let deadline = std::time::Instant::now() + 1.minutes();
    let outcome = task_group!(policy = fail_fast, deadline = deadline, |g| g.len()).await;
    assert_eq!(outcome.unwrap(), 0);
    let outcome = task_group!(policy = ignore_errors, |g| g.len()).await;
    assert_eq!(outcome.unwrap(), 0);
}
