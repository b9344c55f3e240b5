//! The two sides of a ping-pong, over channels that belong to no runtime.

use futures::StreamExt;
use futures::channel::mpsc::{Receiver, Sender, channel};
use futures::channel::oneshot;

/// One side: where it sends to, and where it receives from.
pub(crate) struct Player {
    tx: Sender<u64>,
    rx: Receiver<u64>,
}

/// Returns two players that are connected with each other.
pub(crate) fn pair() -> (Player, Player) {
    let (ping_tx, ping_rx) = channel(1);
    let (pong_tx, pong_rx) = channel(1);
    let a = Player {
        tx: ping_tx,
        rx: pong_rx,
    };
    let b = Player {
        tx: pong_tx,
        rx: ping_rx,
    };
    (a, b)
}

impl Player {
    /// Serves `rounds` times, and returns how many returns were right.
    pub(crate) async fn serve(mut self, rounds: u64) -> u64 {
        let mut right = 0;
        for i in 0..rounds {
            self.tx.try_send(i).expect("only one ball is in the air");
            right += u64::from(self.rx.next().await == Some(i + 1));
        }
        right
    }

    /// Returns each ball with one added, until there are no more.
    pub(crate) async fn answer(mut self) {
        while let Some(ball) = self.rx.next().await {
            self.tx
                .try_send(ball + 1)
                .expect("only one ball is in the air");
        }
    }
}

/// Returns two players that have one ball, both for a task of their own. The
/// first returns 1 if the ball came back right.
pub(crate) fn pair_with_one_ball() -> (
    impl Future<Output = u64> + Send + 'static,
    impl Future<Output = ()> + Send + 'static,
) {
    let (ping_tx, ping_rx) = oneshot::channel();
    let (pong_tx, pong_rx) = oneshot::channel();
    let serve = async move {
        ping_tx.send(1).expect("the other waits");
        u64::from(pong_rx.await == Ok(2))
    };
    let answer = async move {
        let ball: u64 = ping_rx.await.expect("the other serves");
        pong_tx.send(ball + 1).expect("the other waits");
    };
    (serve, answer)
}
