//! Actors by hand: a task and a channel of tokio's.

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::{Behavior, Library};

/// Actors by hand: a task and a channel of tokio's.
#[derive(Debug)]
pub struct ByHand(pub(super) Arc<Runtime>);

/// What is in the channel.
#[derive(Debug)]
pub enum Envelope<M, R> {
    /// A message.
    Tell(M),
    /// A message that wants a reply.
    Ask(M, oneshot::Sender<R>),
    /// The end.
    Stop,
}

async fn live<B: Behavior<ByHand>>(
    mut behavior: B,
    mut mailbox: mpsc::Receiver<Envelope<B::Message, B::Reply>>,
) {
    while let Some(envelope) = mailbox.recv().await {
        match envelope {
            Envelope::Tell(message) => drop(behavior.handle(message).await),
            Envelope::Ask(message, reply) => {
                // Who asked may have gone.
                let _ = reply.send(behavior.handle(message).await);
            }
            Envelope::Stop => return,
        }
        if behavior.is_done() {
            return;
        }
    }
}

impl Library for ByHand {
    type Address<B: Behavior<Self>> = mpsc::Sender<Envelope<B::Message, B::Reply>>;

    fn run<F>(&self, program: F) -> F::Output
    where
        F: Future<Output: Send> + Send + 'static,
    {
        in_task(&self.0, program)
    }

    fn spawn_task(_: u64, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }

    async fn spawn<B: Behavior<Self>>(_: u64, behavior: B) -> Self::Address<B> {
        let (address, mailbox) = mpsc::channel(B::MAILBOX);
        tokio::spawn(live(behavior, mailbox));
        address
    }

    async fn tell<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) {
        let sent = to.send(Envelope::Tell(message)).await;
        sent.expect("the actor runs");
    }

    async fn ask<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) -> B::Reply {
        let (reply, answer) = oneshot::channel();
        let sent = to.send(Envelope::Ask(message, reply)).await;
        sent.expect("the actor runs");
        answer.await.expect("the actor answers")
    }

    async fn stop<B: Behavior<Self>>(actor: Self::Address<B>) {
        // It may have ended by itself.
        let _ = actor.send(Envelope::Stop).await;
        actor.closed().await;
    }
}

/// Runs `program` in a task of tokio's.
pub(super) fn in_task<F>(runtime: &Runtime, program: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let done = runtime.block_on(async { tokio::spawn(program).await });
    done.expect("the program succeeds")
}
