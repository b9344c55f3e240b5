//! What an actor waits for elsewhere: its children.
//!
//! # Purpose
//!
//! [`Cx::pipe`] runs a future beside the actor, and has its value handled by the actor, with
//! `&mut self`, when it is there. [`Cx::attach`] makes messages of the items of a stream.
//!
//! # Protocol
//!
//! The future is a task in a group of the actor's incarnation, opened with the first one. It is not
//! part of the handler that began it. Its value waits in the **inbox**, in order of arrival, and is
//! handled one at a time like a message: after orders and what is due by the clock, before the
//! mailbox. The inbox is not bounded; what is in it has been asked for by the actor itself.
//!
//! | the actor | pipes | attached streams |
//! |---|---|---|
//! | stops, or nobody has a handle | are waited for, and their values handled | are dropped at once |
//! | is stopped for longer than its limit, killed, cancelled | are cancelled | are cancelled |
//! | fails, is restarted | are cancelled | are cancelled |
//!
//! In each case their destructors have run before `on_stop` does. The group is shielded from the
//! cancellation of the actor's task, because the host turns that into an order. An attached stream
//! holds a handle: as long as it goes on, an actor has somebody who may send to it.
//!
//! Without a runtime ([`testing`](super::testing)) the futures are kept, and polled by hand.

use super::behavior::Messages;
use super::context::Cx;
use super::handling::Payload;
use super::recipient::Accepts;
use crate::cancel::{CancelReason, CancelScope, Cancelled, Frame, Kind, Scope, task_scope};
use crate::group::{GroupOptions, OpenGroup};
use crate::prim::Lock;
use crate::wait::replace_waker;
use futures::{FutureExt, Stream};
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

/// What is done with a value that has arrived.
pub(super) type Then<A> = Box<dyn FnOnce(&mut A, &mut Cx<A>) + Send>;

/// What becomes of a pipe.
pub(super) enum Arrival<A: Messages> {
    Value(Then<A>),
    Panicked(Payload),
    /// It was cancelled, or has nothing to say.
    Gone,
}

/// What has arrived and was not looked at.
struct Inbox<A: Messages>(Lock<Waiting<A>>);

struct Waiting<A: Messages> {
    arrivals: VecDeque<Arrival<A>>,
    waker: Option<Waker>,
}

impl<A: Messages> Inbox<A> {
    fn push(&self, arrival: Arrival<A>) {
        let waker = {
            let mut waiting = self.0.lock();
            waiting.arrivals.push_back(arrival);
            waiting.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn pop(&self, waker: Option<&Waker>) -> Option<Arrival<A>> {
        let mut waiting = self.0.lock();
        let arrival = waiting.arrivals.pop_front();
        if let (None, Some(waker)) = (&arrival, waker) {
            let before = replace_waker(&mut waiting.waker, waker);
            drop(waiting);
            drop(before);
        }
        arrival
    }
}

/// One pipe's way to the inbox. It is told what becomes of the pipe, whatever that is.
struct Mouth<A: Messages>(Option<Arc<Inbox<A>>>);

impl<A: Messages> Mouth<A> {
    fn say(mut self, arrival: Arrival<A>) {
        if let Some(inbox) = self.0.take() {
            inbox.push(arrival);
        }
    }
}

impl<A: Messages> Drop for Mouth<A> {
    fn drop(&mut self) {
        if let Some(inbox) = self.0.take() {
            inbox.push(Arrival::Gone);
        }
    }
}

/// The children of an incarnation.
pub(super) struct Children<A: Messages> {
    place: Place,
    inbox: Arc<Inbox<A>>,
    /// How many have not been heard of.
    running: usize,
}

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

enum Place {
    Tasks {
        scope: Arc<Scope>,
        /// Of attached streams.
        streams: CancelScope,
        group: OpenGroup,
    },
    ByHand(Vec<Boxed>),
}

impl<A: Messages> Children<A> {
    /// Opens a group beside the handler that runs.
    #[track_caller]
    fn open() -> Self {
        let above = task_scope().unwrap_or_else(Scope::root);
        let scope = above.child(Kind::Shield);
        let streams = CancelScope::from_inner(scope.child(Kind::Plain));
        let frame = Frame::made(scope.clone());
        let entered = frame.enter();
        let group = OpenGroup::open(GroupOptions::new());
        drop(entered);
        Self::at(Place::Tasks {
            scope,
            streams,
            group,
        })
    }

    /// For an actor without a runtime.
    pub(super) fn by_hand() -> Self {
        Self::at(Place::ByHand(Vec::new()))
    }

    fn at(place: Place) -> Self {
        let waiting = Waiting {
            arrivals: VecDeque::new(),
            waker: None,
        };
        Self {
            place,
            inbox: Arc::new(Inbox(Lock::new(waiting))),
            running: 0,
        }
    }

    #[track_caller]
    fn pipe(&mut self, future: impl Future<Output = Then<A>> + Send + 'static) {
        let mouth = Mouth(Some(self.inbox.clone()));
        self.start(async move {
            match AssertUnwindSafe(future).catch_unwind().await {
                Ok(then) => mouth.say(Arrival::Value(then)),
                Err(payload) => mouth.say(Arrival::Panicked(payload)),
            }
        });
    }

    #[track_caller]
    fn feed(&mut self, feeding: impl Future<Output = ()> + Send + 'static) {
        let mouth = Mouth(Some(self.inbox.clone()));
        let scope = match &self.place {
            Place::Tasks { streams, .. } => Some(streams.clone()),
            Place::ByHand(_) => None,
        };
        self.start(async move {
            let feeding = AssertUnwindSafe(feeding).catch_unwind();
            let fed = match scope {
                Some(scope) => scope.run(feeding).await,
                None => Ok(feeding.await),
            };
            if let Ok(Err(payload)) = fed {
                mouth.say(Arrival::Panicked(payload));
            }
        });
    }

    #[track_caller]
    fn start(&mut self, child: impl Future<Output = ()> + Send + 'static) {
        self.running += 1;
        match &mut self.place {
            Place::Tasks { group, .. } => group.spawn(child, None, Location::caller()),
            Place::ByHand(kept) => kept.push(Box::pin(child)),
        }
    }

    /// Returns the next arrival; none is to come if none is running.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Option<Arrival<A>> {
        if self.running == 0 {
            return None;
        }
        self.pop(Some(cx.waker()))
    }

    fn pop(&mut self, waker: Option<&Waker>) -> Option<Arrival<A>> {
        while self.running != 0 {
            let arrival = self.inbox.pop(waker)?;
            self.running -= 1;
            if !matches!(arrival, Arrival::Gone) {
                return Some(arrival);
            }
        }
        None
    }

    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// Drops the attached streams: no message is taken any more.
    pub(super) fn drop_streams(&self) {
        if let Place::Tasks { streams, .. } = &self.place {
            streams.cancel_with(CancelReason::Done);
        }
    }

    /// Polls what is kept by hand once, and returns what has arrived.
    pub(super) fn poll_by_hand(&mut self) -> Option<Arrival<A>> {
        if let Place::ByHand(kept) = &mut self.place {
            let mut cx = Context::from_waker(Waker::noop());
            kept.retain_mut(|child| child.as_mut().poll(&mut cx).is_pending());
        }
        self.pop(None)
    }

    /// Cancels what is left, and waits for its end.
    pub(super) async fn end(self) {
        if let Place::Tasks { scope, group, .. } = self.place {
            scope.cancel(Cancelled::new(CancelReason::Done, None));
            // Their panics were caught, and that they are cancelled is no news.
            drop(group.join().await);
        }
    }
}

impl<A: Messages> Cx<A> {
    #[track_caller]
    fn children(&mut self) -> &mut Children<A> {
        self.children
            .get_or_insert_with(|| Box::new(Children::open()))
    }

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
