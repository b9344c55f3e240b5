//! The actors of kameo.

use std::convert::Infallible;
use std::sync::Arc;

use kameo::actor::{Actor, ActorRef, Spawn};
use kameo::mailbox;
use kameo::message::{Context, Message};
use kameo::reply::{Reply, ReplyError};
use tokio::runtime::Runtime;

use super::{Behavior, Library, by_hand};

/// The actors of kameo, on tokio's runtime.
#[derive(Debug)]
pub struct Kameo(pub(super) Arc<Runtime>);

/// A behavior as an actor of kameo.
#[derive(Debug)]
pub struct Behaving<B>(B);

/// Any reply as one of kameo's.
#[derive(Debug)]
pub struct Answer<R>(R);

impl<B: Behavior<Kameo>> Actor for Behaving<B> {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(this: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(this)
    }
}

impl<B: Behavior<Kameo>> Message<B::Message> for Behaving<B> {
    type Reply = Answer<B::Reply>;

    async fn handle(
        &mut self,
        message: B::Message,
        cx: &mut Context<Self, Self::Reply>,
    ) -> Self::Reply {
        let reply = self.0.handle(message).await;
        if self.0.is_done() {
            cx.stop();
        }
        Answer(reply)
    }
}

impl<R: Send + 'static> Reply for Answer<R> {
    type Ok = Self;
    type Error = kameo::error::Infallible;
    type Value = Self;

    fn to_result(self) -> Result<Self, kameo::error::Infallible> {
        Ok(self)
    }

    fn into_any_err(self) -> Option<Box<dyn ReplyError>> {
        None
    }

    fn into_value(self) -> Self {
        self
    }
}

impl Library for Kameo {
    type Address<B: Behavior<Self>> = ActorRef<Behaving<B>>;

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
        Behaving::spawn_with_mailbox(Behaving(behavior), mailbox::bounded(B::MAILBOX))
    }

    async fn tell<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) {
        to.tell(message).send().await.expect("the actor runs");
    }

    async fn ask<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) -> B::Reply {
        let answer = to.ask(message).send().await;
        answer.expect("the actor answers").0
    }

    async fn stop<B: Behavior<Self>>(actor: Self::Address<B>) {
        // It may have ended by itself.
        let _ = actor.stop_gracefully().await;
        actor.wait_for_shutdown().await;
    }
}
