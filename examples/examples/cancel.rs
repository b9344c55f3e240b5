//! Cooperative cancellation: a scope that is cancelled while one task waits,
//! one computes, and one has something to save.
//!
//! ```text
//! cargo run --release --example cancel
//! ```

use nimsync::cancel::{self, Cancelled};
use nimsync::prelude::*;

#[nimsync::main]
async fn main() -> Result<(), nimsync::GroupError> {
    let scope = CancelScope::new();
    task_group!(|g| {
        let waiting = g.spawn(wait(scope.clone()));
        let computing = g.spawn(compute(scope.clone()));
        let saving = g.spawn(save(scope.clone()));

        sleep(200.milliseconds()).await;
        println!("main: cancels");
        scope.cancel_with("the user closed the window");

        println!("waiting: {}", waiting.await);
        println!("computing: {}", computing.await);
        println!("saving: {}", saving.await);
    })
    .await?;

    // The scope stays cancelled: what begins in it later ends at once.
    println!("late: {}", scope.run(sleep(1.minutes())).await.is_err());
    Ok(())
}

/// Waits inside of the scope: the wait ends when the scope is cancelled.
async fn wait(scope: CancelScope) -> String {
    match scope.run(sleep(1.minutes())).await {
        Ok(()) => "waited for a minute".to_owned(),
        Err(cancelled) => format!("ended early, {cancelled}"),
    }
}

/// Computes for long, and asks now and then whether anybody wants the result.
async fn compute(scope: CancelScope) -> String {
    async fn collatz(scope: &CancelScope) -> Result<u64, Cancelled> {
        let mut longest = 0;
        for start in 1..u64::MAX {
            let steps = std::iter::successors(Some(start), |&n| match n {
                1 => None,
                n if n % 2 == 0 => Some(n / 2),
                n => Some(3 * n + 1),
            });
            longest = longest.max(steps.count() as u64);
            if start % 1000 == 0 {
                scope.check()?;
                nimsync::yield_now().await;
            }
        }
        Ok(longest)
    }
    match collatz(&scope).await {
        Ok(longest) => format!("the longest chain has {longest} numbers"),
        Err(cancelled) => format!("gave up: {}", cancelled.reason),
    }
}

/// Does steps until it is cancelled, and saves what it has before it goes.
///
/// The clean-up waits, and is inside of the cancelled scope: without the shield
/// it would be dropped at its first wait.
async fn save(scope: CancelScope) -> &'static str {
    let outcome = scope.run(async {
        while cancel::current().active() {
            race!(sleep(10.milliseconds()), cancel::current().cancelled()).await;
        }
        shield!({
            sleep(50.milliseconds()).await;
            println!("save: saved behind the shield");
        })
        .await;
        sleep(1.minutes()).await;
        println!("save: this is never printed");
    });
    match outcome.await {
        Ok(()) => "ran to its end",
        Err(_) => "saved, then was dropped at the next wait",
    }
}
