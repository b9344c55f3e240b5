//! The actors of xtra.

use std::sync::Arc;

use tokio::runtime::Runtime;
use xtra::{Actor, Address, Context, Handler, Mailbox};

use super::{Behavior, Library, by_hand};

/// The actors of xtra, on tokio's runtime.
#[derive(Debug)]
pub struct Xtra(pub(super) Arc<Runtime>);

/// A behavior as an actor of xtra.
pub struct Behaving<B>(B);

/// A message of the behavior's.
pub struct Do<M>(M);

/// The last message.
struct Stop;

impl<B: Behavior<Xtra>> Actor for Behaving<B> {
    type Stop = ();

    async fn stopped(self) {}
}

impl<B: Behavior<Xtra>> Handler<Do<B::Message>> for Behaving<B> {
    type Return = B::Reply;

    async fn handle(&mut self, message: Do<B::Message>, cx: &mut Context<Self>) -> B::Reply {
        let reply = self.0.handle(message.0).await;
        if self.0.is_done() {
            cx.stop_self();
        }
        reply
    }
}

impl<B: Behavior<Xtra>> Handler<Stop> for Behaving<B> {
    type Return = ();

    async fn handle(&mut self, _: Stop, cx: &mut Context<Self>) {
        cx.stop_self();
    }
}

impl Library for Xtra {
    type Address<B: Behavior<Self>> = Address<Behaving<B>>;

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
        xtra::spawn_tokio(Behaving(behavior), Mailbox::bounded(B::MAILBOX))
    }

    async fn tell<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) {
        // What comes out of it waits for the reply.
        drop(to.send(Do(message)).detach().await.expect("the actor runs"));
    }

    async fn ask<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) -> B::Reply {
        to.send(Do(message)).await.expect("the actor answers")
    }

    async fn stop<B: Behavior<Self>>(actor: Self::Address<B>) {
        // It may have ended by itself.
        let _ = actor.send(Stop).await;
        actor.join().await;
    }
}
