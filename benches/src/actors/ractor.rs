//! The actors of ractor.

use std::marker::PhantomData;
use std::sync::Arc;

use ractor::rpc::CallResult;
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort};
use tokio::runtime::Runtime;

use super::{Behavior, Library, by_hand};

/// The actors of ractor, on tokio's runtime.
#[derive(Debug)]
pub struct Ractor(pub(super) Arc<Runtime>);

/// A behavior as an actor of ractor, which holds its state apart.
struct Behaving<B>(PhantomData<fn() -> B>);

/// What is in the mailbox.
pub enum Envelope<M, R> {
    /// A message.
    Tell(M),
    /// A message that wants a reply.
    Ask(M, RpcReplyPort<R>),
}

impl<B: Behavior<Ractor>> Actor for Behaving<B> {
    type Msg = Envelope<B::Message, B::Reply>;
    type State = B;
    type Arguments = B;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        behavior: B,
    ) -> Result<B, ActorProcessingErr> {
        Ok(behavior)
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        envelope: Self::Msg,
        behavior: &mut B,
    ) -> Result<(), ActorProcessingErr> {
        match envelope {
            Envelope::Tell(message) => drop(behavior.handle(message).await),
            Envelope::Ask(message, reply) => {
                // Who asked may have gone.
                let _ = reply.send(behavior.handle(message).await);
            }
        }
        if behavior.is_done() {
            myself.stop(None);
        }
        Ok(())
    }
}

impl Library for Ractor {
    type Address<B: Behavior<Self>> = ActorRef<Envelope<B::Message, B::Reply>>;

    fn run<F>(&self, program: F) -> F::Output
    where
        F: Future<Output: Send> + Send + 'static,
    {
        by_hand::in_task(&self.0, program)
    }

    fn spawn_task(_: u64, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }

    async fn spawn<B: Behavior<Self>>(_: u64, behavior: B) -> Self::Address<B> {
        let started = Behaving::<B>::spawn(None, Behaving(PhantomData), behavior).await;
        let (address, _) = started.expect("the actor starts");
        address
    }

    async fn tell<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) {
        let sent = to.cast(Envelope::Tell(message));
        sent.expect("the actor runs");
    }

    async fn ask<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) -> B::Reply {
        let answer = to.call(|reply| Envelope::Ask(message, reply), None).await;
        match answer {
            Ok(CallResult::Success(reply)) => reply,
            _ => panic!("the actor answers"),
        }
    }

    async fn stop<B: Behavior<Self>>(actor: Self::Address<B>) {
        // It may have ended by itself.
        let _ = actor.drain_and_wait(None).await;
    }
}
