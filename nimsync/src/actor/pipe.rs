//! What an actor waits for elsewhere: its pipes.
//!
//! # Purpose
//!
//! [`Cx::pipe`] runs a future beside the actor, and has its value handled by the actor, with
//! `&mut self`, when it is there. [`Cx::attach`] makes messages of the items of a stream.
//!
//! # Protocol
//!
//! The future is a task in a group of the actor's incarnation, opened with the first one. It is not
//! part of the handler that began it. Its value waits with what else the actor's [children] have to
//! say, and is handled one at a time like a message: after orders and what is due by the clock,
//! before the mailbox.
//!
//! | the actor | pipes | attached streams |
//! |---|---|---|
//! | stops, or nobody has a handle | are waited for, and their values handled | are dropped at once |
//! | is stopped for longer than its limit, killed, cancelled | are cancelled | are cancelled |
//! | fails, is restarted | are cancelled | are cancelled |
//!
//! In each case their destructors have run before `on_stop` does. An attached stream holds a handle:
//! as long as it goes on, an actor has somebody who may send to it.
//!
//! [children]: super::children

use super::behavior::Messages;
use super::children::{Children, Said, Sheltered, Then};
use super::context::Cx;
use super::recipient::Accepts;
use crate::cancel::{CancelReason, CancelScope, Cancelled, Kind};
use futures::{FutureExt, Stream};
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location};
use std::pin::Pin;
use std::task::{Context, Waker};

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the futures are.
pub(super) enum Pipes {
    None,
    Tasks {
        place: Sheltered,
        /// Of attached streams.
        streams: CancelScope,
    },
    /// Without a runtime ([`testing`](super::testing)) they are kept, and polled by hand.
    ByHand(Vec<Boxed>),
}

impl Pipes {
    /// The group of the futures, opened with the first one.
    #[track_caller]
    fn tasks(&mut self) -> (&Sheltered, &CancelScope) {
        if let Self::None = self {
            let place = Sheltered::open();
            let streams = CancelScope::from_inner(place.scope.child(Kind::Plain));
            *self = Self::Tasks { place, streams };
        }
        match self {
            Self::Tasks { place, streams } => (place, streams),
            Self::None | Self::ByHand(_) => unreachable!("it was opened, and is not by hand"),
        }
    }

    #[track_caller]
    pub(super) fn start(&mut self, child: impl Future<Output = ()> + Send + 'static) {
        match self {
            Self::ByHand(kept) => kept.push(Box::pin(child)),
            Self::None | Self::Tasks { .. } => {
                let at = Location::caller();
                self.tasks().0.group.spawn(child, None, at);
            }
        }
    }

    pub(super) fn are_by_hand(&self) -> bool {
        matches!(self, Self::ByHand(_))
    }

    /// Polls what is kept by hand once.
    pub(super) fn poll_by_hand(&mut self) {
        if let Self::ByHand(kept) = self {
            let mut cx = Context::from_waker(Waker::noop());
            kept.retain_mut(|child| child.as_mut().poll(&mut cx).is_pending());
        }
    }

    /// Drops the attached streams: no message is taken any more.
    pub(super) fn drop_streams(&self) {
        if let Self::Tasks { streams, .. } = self {
            streams.cancel_with(CancelReason::Done);
        }
    }

    /// Cancels what is left, and waits for its end.
    pub(super) async fn end(self) {
        if let Self::Tasks { place, .. } = self {
            place.scope.cancel(Cancelled::new(CancelReason::Done, None));
            place.end().await;
        }
    }
}

impl<A: Messages> Children<A> {
    #[track_caller]
    fn pipe(&mut self, future: impl Future<Output = Then<A>> + Send + 'static) {
        let mouth = self.mouth();
        self.pipes.start(async move {
            match AssertUnwindSafe(future).catch_unwind().await {
                Ok(then) => mouth.say(Said::Value(then)),
                Err(payload) => mouth.say(Said::Panicked(payload)),
            }
        });
    }

    #[track_caller]
    fn feed(&mut self, feeding: impl Future<Output = ()> + Send + 'static) {
        let mouth = self.mouth();
        let scope = match &mut self.pipes {
            Pipes::ByHand(_) => None,
            pipes => Some(pipes.tasks().1.clone()),
        };
        self.pipes.start(async move {
            let feeding = AssertUnwindSafe(feeding).catch_unwind();
            let fed = match scope {
                Some(scope) => scope.run(feeding).await,
                None => Ok(feeding.await),
            };
            if let Ok(Err(payload)) = fed {
                mouth.say(Said::Panicked(payload));
            }
        });
    }
}

impl<A: Messages> Cx<A> {
    /// Waits for `future` elsewhere, and then has the actor handle its value.
    ///
    /// The handler goes on, and so does the actor; `then` runs as a message does, when nothing else
    /// is being handled. Values are handled in the order in which they arrive.
    ///
    /// A stop waits for the future and handles its value, within the time limit of the stop. If the
    /// actor is killed, fails or is restarted before that, the future is cancelled and `then` is
    /// dropped. A panic in either is a failure of the actor.
    ///
    /// # Panics
    ///
    /// Outside of a nimsync runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// #[actor]
    /// struct Page { text: String }
    ///
    /// #[actor]
    /// impl Page {
    ///     pub fn refresh(&mut self, cx: &mut Cx<Self>) {
    ///         let fetch = async {
    ///             sleep(1.milliseconds()).await;
    ///             "new".to_owned()
    ///         };
    ///         cx.pipe(fetch, |me, text| me.text = text);
    ///     }
    ///
    ///     pub fn text(&self) -> String { self.text.clone() }
    /// }
    ///
    /// nimsync::block_on(async {
    ///     let system = ActorSystem::new();
    ///     let page = system.spawn(Page { text: "old".to_owned() });
    ///     page.refresh().await.unwrap();
    ///     assert_eq!(page.text().await.unwrap(), "old");
    ///     sleep(20.milliseconds()).await;
    ///     assert_eq!(page.text().await.unwrap(), "new");
    ///     system.stop().await.unwrap();
    /// });
    /// ```
    #[track_caller]
    pub fn pipe<F>(&mut self, future: F, then: impl FnOnce(&mut A, F::Output) + Send + 'static)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.pipe_with(future, |me, value, _| then(me, value));
    }

    /// As [`pipe`](Self::pipe), for a `then` that needs the context, for example to pipe again.
    ///
    /// # Panics
    ///
    /// Outside of a nimsync runtime.
    #[track_caller]
    pub fn pipe_with<F>(
        &mut self,
        future: F,
        then: impl FnOnce(&mut A, F::Output, &mut Cx<A>) + Send + 'static,
    ) where
        F: Future<Output: Send> + Send + 'static,
    {
        self.children()
            .pipe(future.map(|value| -> Then<A> { Box::new(move |me, cx| then(me, value, cx)) }));
    }

    /// Makes messages of the items of a stream, until it ends or the actor takes no more.
    ///
    /// An item waits for room in the mailbox, and the stream is not polled meanwhile. The actor
    /// takes messages as long as a stream is attached to it, also when nobody else has a handle.
    ///
    /// # Panics
    ///
    /// Outside of a nimsync runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// #[actor]
    /// struct Sum { sum: u32 }
    ///
    /// #[actor]
    /// impl Sum {
    ///     #[on_start]
    ///     fn up(&mut self, cx: &mut Cx<Self>) {
    ///         cx.attach(futures::stream::iter(1..=10));
    ///     }
    ///
    ///     #[message]
    ///     fn add(&mut self, n: u32) { self.sum += n; }
    ///
    ///     #[on_stop]
    ///     fn down(&mut self) { assert_eq!(self.sum, 55); }
    /// }
    ///
    /// nimsync::block_on(async {
    ///     let system = ActorSystem::new();
    ///     system.spawn(Sum { sum: 0 });
    ///     system.join().await.unwrap();
    /// });
    /// ```
    #[track_caller]
    pub fn attach<S>(&mut self, stream: S)
    where
        S: Stream<Item: Send> + Send + 'static,
        A: Accepts<S::Item>,
    {
        let addr = self.addr();
        let feeding = super::recipient::feed(addr, stream);
        self.children().feed(async { _ = feeding.await });
    }
}
