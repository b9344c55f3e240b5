//! Actors that an actor has spawned.
//!
//! They are children of its incarnation, in the tree as well: tasks of a group of its task.
//!
//! | the actor above | its children |
//! |---|---|
//! | stops, leaves, makes way for a restart | are stopped one after the other, the last one first, before its `on_stop` |
//! | is stopped for longer than its limit, killed, cancelled, fails | are killed, all at once |
//!
//! A child that fails is a failure of the actor above, unless that watches it: then it has its
//! `on_exit` for it. Whether it does is known when it hears of the end: news goes ahead of the end of
//! the task, so it has been taken by then, or waits (`Children::ended`).

use super::addr::Link;
use super::behavior::{ActorOptions, Messages};
use super::children::{Children, Said, Sheltered};
use super::context::Cx;
use super::control::{Control, Ended, KILL, STOP};
use super::id::ActorId;
use super::reason::StopReason;
use super::system::prepare;
use crate::cancel::{CancelReason, Cancelled};
use futures::FutureExt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, Location};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// The actors that an incarnation has spawned.
#[derive(Default)]
pub(super) struct Offspring {
    place: Option<Sheltered>,
    /// Those that have not ended, in the order in which they were started.
    actors: Vec<Known>,
}

/// A child, and where it was spawned.
struct Known {
    link: Arc<dyn Link>,
    at: &'static Location<'static>,
}

impl Offspring {
    pub(super) fn is_empty(&self) -> bool {
        self.actors.is_empty()
    }

    /// Whether it was there. Its failure, if it has one, is nobody's but the watcher's then.
    pub(super) fn forget(&mut self, id: ActorId) -> bool {
        let at = self
            .actors
            .iter()
            .position(|known| known.link.control().id == id);
        at.is_some_and(|at| {
            drop(self.actors.remove(at));
            true
        })
    }

    /// Stops the actors one after the other, the last one first, until somebody orders the one above
    /// to be killed; then kills the others.
    pub(super) async fn stop(&self, above: &Control) {
        for Known { link, .. } in self.actors.iter().rev() {
            link.control().order(STOP);
            let mut ended = Ended::new(link.clone());
            let killed = poll_fn(|cx| match above.flags() & KILL {
                0 => Pin::new(&mut ended).poll(cx).map(|_| false),
                _ => Poll::Ready(true),
            });
            if killed.await {
                return self.kill(above, "the actor above it was killed");
            }
        }
    }

    /// Kills all actors: for the cancellation of the one above, if there is one, else for `reason`.
    pub(super) fn kill(&self, above: &Control, reason: &'static str) {
        let cancelled = match above.why_killed() {
            StopReason::Cancelled(cause) => Some(Arc::new(cause)),
            _ => None,
        };
        for Known { link, at } in self.actors.iter().rev() {
            let cause = cancelled.clone().unwrap_or_else(|| {
                let by = Some(above.name.shared());
                Arc::new(Cancelled::at(CancelReason::from(reason), by, at))
            });
            link.control().cancelled(cause, KILL);
            link.control().order(KILL);
        }
    }

    /// Waits until the tasks have ended.
    pub(super) async fn end(&mut self) {
        if let Some(place) = self.place.take() {
            place.end().await;
        }
    }
}

impl<A: Messages> Children<A> {
    #[track_caller]
    fn adopt<F>(&mut self, link: Arc<dyn Link>, task: F, name: Option<Arc<str>>)
    where
        F: Future<Output = Result<(), crate::task::BoxError>> + Send + 'static,
    {
        let id = link.control().id;
        let at = Location::caller();
        let mouth = self.mouth_of(id);
        self.offspring.actors.push(Known { link, at });
        let task = async move {
            let how = AssertUnwindSafe(task).catch_unwind().await;
            mouth.say(Said::Ended(id, how));
        };
        if self.pipes.are_by_hand() {
            return self.pipes.start(task);
        }
        if self.offspring.place.is_none() {
            self.offspring.place = Some(Sheltered::open());
        }
        if let Some(place) = &self.offspring.place {
            place.group.spawn(task, name, at);
        }
    }
}

impl<A: Messages> Cx<A> {
    /// Starts an actor as a child of this one.
    ///
    /// It ends with this actor, or before it. A stop of this one stops its children when it has handled what
    /// was in its mailbox, the last one first, and before its `#[on_stop]`; each may handle what it has
    /// accepted. If this actor is killed, cancelled or fails, they are killed. A restart ends them too, and
    /// the new incarnation begins without children.
    ///
    /// The failure of a child is a failure of this actor, with the same panic if it was one. If this
    /// actor [watches](Cx::watch) the child it is not: then it is up to `#[on_exit]` what to do about it.
    ///
    /// # Panics
    ///
    /// Outside of a nimsync runtime, but for a
    /// [`TestActor`](crate::actor::testing::TestActor), which drives the children as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// #[actor]
    /// struct Session { user: String }
    ///
    /// #[actor]
    /// impl Session {
    ///     pub fn greet(&self) -> String { format!("hello {}", self.user) }
    /// }
    ///
    /// #[actor]
    /// struct Hub { open: usize }
    ///
    /// #[actor]
    /// impl Hub {
    ///     pub fn login(&mut self, user: String, cx: &mut Cx<Self>) -> SessionHandle {
    ///         let session = cx.spawn(Session { user });
    ///         cx.watch(&session);
    ///         self.open += 1;
    ///         session
    ///     }
    ///
    ///     #[on_exit]
    ///     fn closed(&mut self) { self.open -= 1; }
    ///
    ///     pub fn open(&self) -> usize { self.open }
    /// }
    ///
    /// # // One thread: the hub hears of the end before anybody can ask it.
    /// # nimsync::Runtime::local().build().unwrap().block_on(async {
    /// let system = ActorSystem::new();
    /// let hub = system.spawn(Hub { open: 0 });
    /// let ada = hub.login("ada".to_owned()).await.unwrap();
    /// let bob = hub.login("bob".to_owned()).await.unwrap();
    /// assert_eq!(ada.greet().await.unwrap(), "hello ada");
    /// ada.stop().await;
    /// assert_eq!(hub.open().await.unwrap(), 1);
    /// hub.stop().await;
    /// assert!(!bob.is_alive());
    /// # system.stop().await.unwrap();
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn<B: Messages>(&mut self, actor: B) -> B::Handle {
        self.begin(actor, B::OPTIONS, None)
    }

    /// As [`spawn`](Self::spawn), with other options than those of the actor's attribute, which
    /// `options` is given.
    ///
    /// # Panics
    ///
    /// As [`spawn`](Self::spawn), and if `options` does.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// #[actor]
    /// struct Session;
    ///
    /// #[actor]
    /// impl Session {
    ///     pub fn line(&self, text: String) { println!("{text}") }
    /// }
    ///
    /// #[actor]
    /// struct Hub;
    ///
    /// #[actor]
    /// impl Hub {
    ///     pub fn login(&mut self, room: usize, cx: &mut Cx<Self>) -> SessionHandle {
    ///         cx.spawn_with(Session, |options| options.mailbox(room))
    ///     }
    /// }
    ///
    /// # // One thread: nobody handles the first line before the second is sent.
    /// # nimsync::Runtime::local().build().unwrap().block_on(async {
    /// let system = ActorSystem::new();
    /// let session = system.spawn(Hub).login(1).await.unwrap();
    /// session.line("hello".to_owned()).try_tell().unwrap();
    /// assert!(session.line("again".to_owned()).try_tell().unwrap_err().is_full());
    /// # system.stop().await.unwrap();
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_with<B: Messages>(
        &mut self,
        actor: B,
        options: impl FnOnce(ActorOptions) -> ActorOptions,
    ) -> B::Handle {
        self.begin(actor, options(B::OPTIONS), None)
    }

    /// Names the next child, for reports and the live tree.
    ///
    /// The name is not known to the system's [`get`](crate::actor::ActorSystem::get), and need not be the only one
    /// of its kind.
    pub fn named(&mut self, name: impl Into<Arc<str>>) -> NamedChild<'_, A> {
        NamedChild {
            cx: self,
            name: name.into(),
        }
    }

    #[track_caller]
    fn begin<B: Messages>(
        &mut self,
        actor: B,
        options: ActorOptions,
        name: Option<Arc<str>>,
    ) -> B::Handle {
        let on_undelivered = self.core.control().on_undelivered.clone();
        let prepared = prepare(actor, options, name.clone(), on_undelivered);
        self.children().adopt(prepared.link, prepared.task, name);
        prepared.handle
    }
}

/// A child of an actor that has a name and is yet to be started.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Session;
///
/// #[actor]
/// impl Session {
///     pub fn who(&self, cx: &mut Cx<Self>) -> String { cx.name().to_owned() }
/// }
///
/// #[actor]
/// struct Hub;
///
/// #[actor]
/// impl Hub {
///     pub fn login(&mut self, user: String, cx: &mut Cx<Self>) -> SessionHandle {
///         cx.named(user).spawn(Session)
///     }
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let ada = system.spawn(Hub).login("ada".to_owned()).await.unwrap();
/// assert_eq!(ada.who().await.unwrap(), "ada");
/// # system.stop().await.unwrap();
/// # });
/// ```
#[must_use = "naming an actor does not start it"]
#[derive(Debug)]
pub struct NamedChild<'a, A: Messages> {
    cx: &'a mut Cx<A>,
    name: Arc<str>,
}

impl<A: Messages> NamedChild<'_, A> {
    /// Starts the child; see [`Cx::spawn`].
    ///
    /// # Panics
    ///
    /// As [`Cx::spawn`].
    #[track_caller]
    pub fn spawn<B: Messages>(self, actor: B) -> B::Handle {
        self.cx.begin(actor, B::OPTIONS, Some(self.name))
    }

    /// Starts the child with other options; see [`Cx::spawn_with`].
    ///
    /// # Panics
    ///
    /// As [`Cx::spawn_with`].
    #[track_caller]
    pub fn spawn_with<B: Messages>(
        self,
        actor: B,
        options: impl FnOnce(ActorOptions) -> ActorOptions,
    ) -> B::Handle {
        self.cx.begin(actor, options(B::OPTIONS), Some(self.name))
    }
}
