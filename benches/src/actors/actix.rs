//! The actors of actix, on one or two arbiters.

use std::cell::OnceCell;

use actix::{
    Actor, ActorContext, Addr, Arbiter, ArbiterHandle, Context, Handler, Message, MessageResult,
    System, SystemRunner,
};
use futures::FutureExt;
use futures::channel::oneshot;

use super::{Behavior, Library};

/// The actors of actix, on one or two arbiters, which are threads.
pub struct Actix {
    arbiters: Vec<ArbiterHandle>,
    /// What the arbiters belong to.
    _system: SystemRunner,
}

thread_local! {
    /// All arbiters, and which of them this thread is.
    static ARBITERS: OnceCell<(Vec<ArbiterHandle>, usize)> = const { OnceCell::new() };
}

impl Actix {
    pub(super) fn start(arbiters: usize) -> Actix {
        let system = System::new();
        let started: Vec<_> = (0..arbiters).map(|_| Arbiter::new()).collect();
        let arbiters: Vec<_> = started.iter().map(Arbiter::handle).collect();
        for (index, arbiter) in arbiters.iter().enumerate() {
            let all = arbiters.clone();
            let spawned = arbiter.spawn_fn(move || {
                let set = ARBITERS.with(|cell| cell.set((all, index)));
                set.expect("it is set once");
            });
            assert!(spawned, "the arbiter runs");
        }
        Actix {
            arbiters,
            _system: system,
        }
    }
}

/// A behavior as an actor of actix.
pub struct Behaving<B>(B);

// Actix wants it, and nothing here is pinned.
impl<B> Unpin for Behaving<B> {}

/// A message of the behavior's.
pub struct Do<B: Behavior<Actix>>(B::Message);

/// The last message.
struct Stop;

impl<B: Behavior<Actix>> Message for Do<B> {
    type Result = B::Reply;
}

impl Message for Stop {
    type Result = ();
}

impl<B: Behavior<Actix>> Actor for Behaving<B> {
    type Context = Context<Self>;
}

impl<B: Behavior<Actix>> Handler<Do<B>> for Behaving<B> {
    type Result = MessageResult<Do<B>>;

    fn handle(&mut self, message: Do<B>, cx: &mut Context<Self>) -> Self::Result {
        let reply = self.0.handle(message.0).now_or_never();
        if self.0.is_done() {
            cx.stop();
        }
        MessageResult(reply.expect("the program does not wait in a handler"))
    }
}

impl<B: Behavior<Actix>> Handler<Stop> for Behaving<B> {
    type Result = ();

    fn handle(&mut self, _: Stop, cx: &mut Context<Self>) {
        cx.stop();
    }
}

impl Library for Actix {
    type Address<B: Behavior<Self>> = Addr<Behaving<B>>;

    fn run<F>(&self, program: F) -> F::Output
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let (done, end) = oneshot::channel();
        let spawned = self.arbiters[0].spawn(async {
            let ended = done.send(program.await);
            assert!(ended.is_ok(), "somebody waits");
        });
        assert!(spawned, "the arbiter runs");
        futures_lite::future::block_on(end).expect("the program succeeds")
    }

    fn spawn_task(near: u64, task: impl Future<Output = ()> + Send + 'static) {
        let spawned = with_arbiter(near, |arbiter, _| arbiter.spawn(task));
        assert!(spawned, "the arbiter runs");
    }

    async fn spawn<B: Behavior<Self>>(near: u64, behavior: B) -> Self::Address<B> {
        with_arbiter(near, |arbiter, is_here| {
            let actor = Behaving(behavior);
            if is_here {
                actor.start()
            } else {
                Behaving::start_in_arbiter(arbiter, |_| actor)
            }
        })
    }

    async fn tell<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) {
        to.do_send(Do(message));
    }

    async fn ask<B: Behavior<Self>>(to: &Self::Address<B>, message: B::Message) -> B::Reply {
        to.send(Do(message)).await.expect("the actor answers")
    }

    async fn stop<B: Behavior<Self>>(actor: Self::Address<B>) {
        // It may have ended by itself.
        let _ = actor.send(Stop).await;
    }
}

/// Calls `f` with the arbiter of a number, and whether it is this thread.
fn with_arbiter<T>(near: u64, f: impl FnOnce(&ArbiterHandle, bool) -> T) -> T {
    ARBITERS.with(|arbiters| {
        let (all, here) = arbiters.get().expect("programs run on arbiters");
        let index = near as usize % all.len();
        f(&all[index], index == *here)
    })
}
