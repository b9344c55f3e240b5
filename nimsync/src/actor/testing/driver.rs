//! An actor that a test drives.

use super::super::addr::{Addr, Core, Link};
use super::super::behavior::Messages;
use super::super::call::Call;
use super::super::children::{Arrival, Children, Fault};
use super::super::context::Cx;
use super::super::control::{LEAVE, STOP};
use super::super::error::CallError;
use super::super::id::ActorId;
use super::super::mailbox::Inbox;
use super::super::message::{Message, Shape};
use super::super::name::Name;
use super::super::reason::StopReason;
use super::super::timed::Timed;
use crate::prim::atomic::{AtomicBool, Ordering};
use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// An actor that is driven message by message, without a runtime.
///
/// It derefs to the actor's state. [`tell`](TestActor::tell) and [`ask`](TestActor::ask) return when
/// the message has been handled, and with it what the actor has sent itself. A panic of a handler is
/// a panic of the test.
///
/// Handlers may be `async`, but what they wait for has to be there: nothing else runs. Time passes
/// only by [`advance`](TestActor::advance).
///
/// # Examples
///
/// ```
/// use nimsync::actor::testing::TestActor;
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Counter { n: i64 }
///
/// #[actor]
/// impl Counter {
///     pub fn increment(&mut self, by: i64, cx: &mut Cx<Self>) {
///         self.n += by;
///         if self.n > 9 {
///             cx.stop();
///         }
///     }
///
///     pub fn get(&self) -> i64 { self.n }
///
///     #[every("1s")]
///     fn decay(&mut self) { self.n -= 1; }
/// }
///
/// let mut counter = TestActor::new(Counter { n: 0 });
/// counter.tell(|handle| handle.increment(5));
/// assert_eq!(counter.n, 5);
/// counter.advance(2.seconds());
/// assert_eq!(counter.ask(|handle| handle.get()), Ok(3));
/// assert!(!counter.is_stopping());
/// counter.tell(|handle| handle.increment(7));
/// assert!(counter.is_stopping());
/// ```
pub struct TestActor<A: Messages> {
    actor: A,
    cx: Cx<A>,
    handle: A::Handle,
    inbox: Inbox<A::Message>,
    /// With the time at which each is due.
    timers: Vec<(Duration, Timed<A::Message>)>,
    /// How much time has passed.
    time: Duration,
    failure: Option<String>,
}

impl<A: Messages> TestActor<A> {
    /// Takes an actor. Its `#[on_start]` has not run.
    #[must_use]
    pub fn new(actor: A) -> Self {
        let core = Core::new(A::OPTIONS, Name::of_type::<A>(), None);
        let handle = A::handle(Addr::counted(core.clone()));
        let mut cx = Cx::new(core);
        cx.children = Some(Box::new(Children::by_hand()));
        let mut this = Self {
            actor,
            cx,
            handle,
            inbox: Inbox::new(),
            timers: Vec::new(),
            time: Duration::ZERO,
            failure: None,
        };
        for (interval, make) in A::beats() {
            let make = Box::new(move || Some(make()));
            this.add_timer(Timed::new(interval, Some(interval), make).0);
        }
        this
    }

    /// Returns a handle, to give to others. What they send waits until [`run`](Self::run) or
    /// [`step`](Self::step).
    #[must_use]
    pub fn handle(&self) -> A::Handle {
        self.handle.clone()
    }

    /// Returns the actor's state.
    #[must_use]
    pub fn state(&self) -> &A {
        &self.actor
    }

    /// Returns the actor's state, to be changed by the test.
    pub fn state_mut(&mut self) -> &mut A {
        &mut self.actor
    }

    /// Sends a message without having it handled.
    ///
    /// # Panics
    ///
    /// If the mailbox is full.
    #[track_caller]
    pub fn enqueue<S: Shape, Args>(
        &mut self,
        call: impl for<'a> FnOnce(&'a A::Handle) -> Call<'a, A, S, Args>,
    ) {
        if let Err(refused) = call(&self.handle).try_tell() {
            panic!("the message was not accepted: {refused}");
        }
    }

    /// Sends a message that nobody waits for, and has it handled.
    ///
    /// An error of its handler is a failure of the actor; see [`failure`](Self::failure).
    ///
    /// # Panics
    ///
    /// If a handler panics or has to wait, or if the mailbox is full.
    #[track_caller]
    pub fn tell<S: Shape, Args>(
        &mut self,
        call: impl for<'a> FnOnce(&'a A::Handle) -> Call<'a, A, S, Args>,
    ) {
        self.enqueue(call);
        self.run();
    }

    /// Sends a message, has it handled, and returns the reply.
    ///
    /// # Errors
    ///
    /// [`CallError`], as an ask.
    ///
    /// # Panics
    ///
    /// If a handler panics or has to wait.
    #[track_caller]
    pub fn ask<S: Shape, Args>(
        &mut self,
        call: impl for<'a> FnOnce(&'a A::Handle) -> Call<'a, A, S, Args>,
    ) -> Result<S::Value, CallError<S::Error>> {
        let handle = self.handle.clone();
        let mut call = pin!(call(&handle));
        let mut cx = Context::from_waker(Waker::noop());
        if let Poll::Ready(reply) = call.as_mut().poll(&mut cx) {
            return reply;
        }
        self.run();
        match call.as_mut().poll(&mut cx) {
            Poll::Ready(reply) => reply,
            Poll::Pending => panic!("there is no reply, and nothing more to handle"),
        }
    }

    /// Handles one message or value that was waited for elsewhere, and returns the name of the
    /// message; nothing if none is there.
    ///
    /// # Panics
    ///
    /// If a handler panics or has to wait.
    #[track_caller]
    pub fn step(&mut self) -> Option<&'static str> {
        if let Some(name) = self.step_pipes() {
            return Some(name);
        }
        let message = self.inbox.next(&self.cx.core.mailbox)?;
        Some(self.dispatch(message))
    }

    /// Handles messages until none is left, and returns how many they were.
    ///
    /// # Panics
    ///
    /// If a handler panics or has to wait.
    #[track_caller]
    pub fn run(&mut self) -> usize {
        let mut count = 0;
        while self.step().is_some() {
            count += 1;
        }
        count
    }

    #[track_caller]
    fn step_pipes(&mut self) -> Option<&'static str> {
        let children = self.cx.children.as_mut()?;
        match children.poll_by_hand(self.cx.core.control())? {
            Arrival::Value(then) => then(&mut self.actor, &mut self.cx),
            Arrival::Fault(Fault::Panicked(_, payload)) => resume_unwind(payload),
            Arrival::Fault(Fault::Failed(_, what)) => {
                self.failure.get_or_insert(what);
            }
        }
        self.look();
        Some("pipe")
    }

    #[track_caller]
    fn dispatch(&mut self, message: A::Message) -> &'static str {
        let name = message.name();
        if message.is_concurrent() {
            let handled = finish(name, self.actor.dispatch_concurrent(message));
            if let Err(what) = handled {
                self.failure.get_or_insert(what);
            }
        } else {
            finish(name, self.actor.dispatch(message, &mut self.cx));
        }
        self.look();
        name
    }

    /// Looks at what a handler has asked for.
    fn look(&mut self) {
        if let Some(what) = self.cx.failure.take() {
            self.failure.get_or_insert(what);
        }
        let timed = self.cx.core.timed.lock().take();
        for timed in timed.into_iter().flat_map(|timed| *timed) {
            self.add_timer(timed);
        }
    }

    fn add_timer(&mut self, timed: Timed<A::Message>) {
        self.timers.push((self.time + timed.delay(), timed));
    }

    /// Returns what the actor failed of: the first error that nobody asked for.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Tells whether the actor was told to stop, by itself or by a handle.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.cx.core.control().flags() & (STOP | LEAVE) != 0
    }

    /// Returns how many futures and streams the actor waits for elsewhere.
    #[must_use]
    pub fn pipes(&self) -> usize {
        let children = self.cx.children.as_ref();
        children.map_or(0, |children| children.running())
    }

    /// Returns in what time messages are due that the actor sends itself later, the next one first.
    #[must_use]
    pub fn timers(&mut self) -> Vec<Duration> {
        self.look();
        self.timers.retain(|(_, timed)| !timed.is_cancelled());
        let mut due: Vec<_> = self.timers.iter().map(|(at, _)| *at - self.time).collect();
        due.sort();
        due
    }

    /// Lets time pass, and has the messages handled that become due by it, in order.
    ///
    /// Only the actor's own timers see it, and not [`now`](crate::now).
    ///
    /// # Panics
    ///
    /// If a handler panics or has to wait.
    #[track_caller]
    pub fn advance(&mut self, time: Duration) {
        let until = self.time + time;
        while let Some(next) = self.timers().first().copied() {
            let at = self.time + next;
            if at > until {
                break;
            }
            self.time = at;
            // The first of those that are due now was asked for first.
            let due = self.timers.iter().position(|timer| timer.0 == at);
            let Some(due) = due else { break };
            self.fire(due);
        }
        self.time = until;
    }

    #[track_caller]
    fn fire(&mut self, place: usize) {
        let (at, mut timed) = self.timers.remove(place);
        let message = timed.make();
        if let Some(every) = timed.every() {
            self.timers.push((at + every, timed));
        }
        if let Some(message) = message {
            self.dispatch(message);
            self.run();
        }
    }

    /// Runs `#[on_start]`.
    ///
    /// # Errors
    ///
    /// Its error, as text.
    ///
    /// # Panics
    ///
    /// If it panics or has to wait.
    #[track_caller]
    pub fn start(&mut self) -> Result<(), String> {
        let started = finish("on_start", self.actor.started(&mut self.cx));
        self.look();
        self.run();
        started
    }

    /// Runs `#[on_stop]`.
    ///
    /// # Panics
    ///
    /// If it panics or has to wait.
    #[track_caller]
    pub fn stop(&mut self, why: StopReason) {
        finish("on_stop", self.actor.stopped(why));
    }

    /// Runs `#[on_exit]`, as for an actor that was watched and has ended.
    ///
    /// # Panics
    ///
    /// If it panics or has to wait.
    #[track_caller]
    pub fn exit(&mut self, id: ActorId, why: StopReason) {
        finish("on_exit", self.actor.exited(id, why, &mut self.cx));
        self.look();
        self.run();
    }
}

impl<A: Messages> Deref for TestActor<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.actor
    }
}

impl<A: Messages + fmt::Debug> fmt::Debug for TestActor<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestActor")
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}

/// Remembers that it was woken.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        // Release pairs with the swap in `finish`.
        self.0.store(true, Ordering::Release);
    }
}

/// Runs a handler to its end.
#[track_caller]
fn finish<F: Future>(name: &str, handler: F) -> F::Output {
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    let mut handler = pin!(handler);
    // Acquire pairs with the Release in `wake`: what it was woken for is visible.
    while woken.0.swap(false, Ordering::Acquire) {
        if let Poll::Ready(output) = handler.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!(
        "`{name}` waits, and without a runtime nothing else runs; \
         use `#[nimsync::test(start_paused = true)]` for it"
    )
}
