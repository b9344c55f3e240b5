//! The root of a task tree.

use super::shared::Shared;
use super::worker;
use crate::cancel::{CancelReason, Cancelled, Scope};
use crate::task::{self, End, Node, NodeOptions, Output, Owner, Runnable, Started};
use crate::tree::Tree;
use crate::wait;
use std::cell::Cell;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::pin::pin;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};

/// The owner of a root task.
struct Root {
    shared: Arc<Shared>,
    scope: Arc<Scope>,
    seat: u32,
    end: OnceLock<Mutex<End>>,
}

// SAFETY: `run_root` keeps the root in place until `end` is set.
unsafe impl Owner for Root {
    fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    fn schedule(&self, runnable: Runnable, woken_while_running: bool) {
        // SAFETY: `self.shared` is alive now, and for the time after the
        // queueing `schedule` sees to itself.
        unsafe {
            super::schedule(NonNull::from(&*self.shared), runnable, woken_while_running);
        }
    }

    fn failing(&self, _: &Node, _: &End) {
        // The children of a root that has ended were cancelled by the drop of
        // their groups already.
    }

    unsafe fn finished(&self, node: NonNull<Node>, end: End) {
        self.shared.remove_root(node);
        // SAFETY: called once, and the node is not used after this.
        drop(unsafe { Node::release(node) });
        let first = self.end.set(Mutex::new(end)).is_ok();
        debug_assert!(first, "a root ends once");
        self.shared.unpark(self.seat);
    }
}

/// Runs `future` as the root of a tree on this thread; see `Runtime::block_on`.
#[track_caller]
pub(crate) fn run_root<F: Future>(shared: &Arc<Shared>, future: F) -> F::Output {
    let spawned_at = Location::caller();
    refuse_inside_task("block_on");
    worker::enter_seat(shared, |work| {
        let root = Root {
            shared: shared.clone(),
            scope: Scope::root(),
            seat: work.seat(),
            end: OnceLock::new(),
        };
        let owner: NonNull<dyn Owner + '_> = NonNull::from(&root);
        // SAFETY: only the lifetime changes. The root outlives its task: the
        // loop below ends when the task has.
        let owner: NonNull<dyn Owner> = unsafe { std::mem::transmute(owner) };
        let options = NodeOptions {
            owner,
            spawned_at,
            name: None,
            in_place: false,
            service: false,
            shielded: false,
            heard: false,
            seat: work.seat(),
            born: shared.timers().read(),
        };
        // SAFETY: the task is pinned to this thread's seat, so it is polled and
        // dropped here; it has ended, and its output been taken, before this
        // function returns, however it returns (`work.run` does not unwind: no
        // task's panic leaves `task::run`, and the reports of a stuck test are
        // made after it).
        let Started { runnable, handle } = unsafe {
            task::start(
                // `Ok` makes any output a task's output.
                async { Ok::<_, task::BoxError>(future.await) },
                options,
            )
        };
        let node = NonNull::from(handle.metadata());
        // SAFETY: the handle keeps the node alive.
        shared.add_root(unsafe { node.as_ref() });
        work.hold();
        shared.count_spawn();
        // Not by its waker, since nothing has woken it.
        // SAFETY: `shared` is alive, and the seat's thread is this one.
        unsafe { super::schedule(NonNull::from(&**shared), runnable, false) };

        let stuck = Stuck::default();
        let on_stuck = || stuck.end(shared, handle.metadata());
        let watched = shared.settings.stuck_after.is_some();
        work.run(
            &|| root.end.get().is_some(),
            watched.then_some(&on_stuck as &dyn Fn()),
        );

        let mut handle = pin!(handle);
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready(output) = handle.as_mut().poll(&mut cx) else {
            unreachable!("the root has ended");
        };
        stuck.report();
        match output {
            Output::Done(value) => value.into_inner(),
            Output::Panicked(_) => resume_unwind(root.into_panic()),
            Output::Cancelled(cause) => panic!("the root of `block_on` was {cause}"),
            Output::Failed(_) => unreachable!("the root's output is always `Ok`"),
        }
    })
}

impl Root {
    fn into_panic(self) -> Box<dyn std::any::Any + Send> {
        match self.end.into_inner().map(Mutex::into_inner) {
            Some(Ok(End::Panicked(payload))) => payload,
            _ => unreachable!("its output says that it panicked"),
        }
    }
}

/// Panics if this thread is inside a task, where waiting for `what` would keep
/// the task from ever going on.
#[track_caller]
pub(crate) fn refuse_inside_task(what: &str) {
    assert!(
        !wait::inside_task(),
        "`{what}` was called inside a task: it would block the worker that has to run what it \
         waits for; `.await` the future instead"
    );
}

/// What is done when nothing can ever run again.
#[derive(Default)]
struct Stuck {
    tree: OnceLock<Tree>,
    times: Cell<u32>,
}

impl Stuck {
    /// Ends the tree, more firmly each time that it is called: by cancelling
    /// it, then by dropping the root's future.
    fn end(&self, shared: &Shared, root: &Node) {
        let tree = self.tree.get_or_init(|| shared.tree());
        self.times.set(self.times.get() + 1);
        match self.times.get() {
            1 => root.cancel(Cancelled::new(
                CancelReason::Message("nothing can ever run again".into()),
                None,
            )),
            2 => {
                root.doom();
                root.wake();
            }
            _ => {
                // A shield waits for something that never comes. Returning
                // would leave its task without a runtime.
                eprintln!("{STUCK}, and shields keep it from ending:\n{tree}");
                std::process::abort();
            }
        }
    }

    /// Panics with the tree as it was, if the root had to be ended.
    fn report(&self) {
        if let Some(tree) = self.tree.get() {
            panic!("{STUCK}:\n{tree}");
        }
    }
}

const STUCK: &str = "stuck: no task can run, and no timer or blocking call is pending";
