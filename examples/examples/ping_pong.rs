//! Two actors that play a ball to each other.
//!
//! ```text
//! cargo run --release --example ping_pong
//! ```

#![allow(
    unreachable_pub,
    reason = "the visible methods of an actor are its messages"
)]

use nimsync::TellError;
use nimsync::channel::oneshot;
use nimsync::prelude::*;

/// How often the ball crosses the net.
const HITS: u32 = 1000;

#[actor]
struct Player {
    hits: u32,
}

/// The ball, with the handle of the one who has hit it: so nobody has to know the other before.
struct Ball {
    from: PlayerHandle,
    left: u32,
    over: oneshot::Sender<()>,
}

#[actor]
impl Player {
    /// Hits the ball back. A tell waits for room in the other's mailbox, and no longer.
    pub async fn play(&mut self, ball: Ball, cx: &mut Cx<Self>) -> Result<(), TellError<(Ball,)>> {
        self.hits += 1;
        let Ball { from, left, over } = ball;
        let Some(left) = left.checked_sub(1) else {
            // Whoever waits for the end may have gone home.
            let _ = over.send(());
            return Ok(());
        };
        let back = Ball {
            from: cx.handle(),
            left,
            over,
        };
        from.play(back).tell().await
    }

    pub fn hits(&self) -> u32 {
        self.hits
    }
}

#[nimsync::main]
async fn main() -> anyhow::Result<()> {
    let system = ActorSystem::new();
    let ping = system.spawn(Player { hits: 0 });
    let pong = system.spawn(Player { hits: 0 });
    let (over, game) = oneshot();
    let serve = Ball {
        from: ping.clone(),
        left: HITS - 1,
        over,
    };
    pong.play(serve).tell().await?;
    game.await?;
    println!(
        "ping has hit the ball {} times, pong {} times",
        ping.hits().await?,
        pong.hits().await?
    );
    system.stop().await?;
    Ok(())
}
