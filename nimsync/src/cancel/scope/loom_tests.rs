//! Models of cancelling.

use super::*;
use crate::cancel::CancelReason;
use crate::prim::atomic::AtomicBool;
use crate::prim::model::{self, Bell};
use loom::thread;

fn cause() -> Cancelled {
    Cancelled::new(CancelReason::Manual, None)
}

/// In whatever order the two lock the parent, the child is taken or sees the
/// state; what is below a shield is neither.
#[test]
fn loom_a_child_made_during_a_cancellation_is_cancelled() {
    model::check(|| {
        let parent = Scope::root();
        let canceller = thread::spawn({
            let parent = parent.clone();
            move || parent.cancel(cause())
        });
        let child = parent.child(Kind::Plain);
        let grandchild = child.child(Kind::Plain);
        let below_shield = parent.child(Kind::Shield).child(Kind::Plain);
        if grandchild.is_asked() {
            assert!(grandchild.cause().is_some(), "the cause comes first");
        }
        canceller.join().unwrap();
        assert!(child.is_ended() && grandchild.is_ended());
        assert!(child.cause().is_some_and(|cause| cause.above.is_some()));
        assert!(!below_shield.is_asked());
    });
}

/// One canceller asks and another ends: whatever the one has done already, what
/// is below ends.
#[test]
fn loom_the_stronger_of_two_cancellations_counts() {
    model::check(|| {
        let parent = Scope::root();
        let cancellers = [ASKED, ENDED].map(|state| {
            let parent = parent.clone();
            thread::spawn(move || parent.raise(state, Arc::new(cause())))
        });
        let child = parent.child(Kind::Plain);
        for canceller in cancellers {
            canceller.join().unwrap();
        }
        assert!(child.is_ended());
    });
}

/// A waiter sees the state or is woken, also if it waits for more than what was
/// raised first.
#[test]
fn loom_a_waiter_is_woken_or_sees_the_state() {
    model::check(|| {
        let scope = Scope::root();
        let canceller = thread::spawn({
            let scope = scope.clone();
            move || {
                scope.raise(ASKED, Arc::new(cause()));
                scope.raise(ENDED, Arc::new(cause()));
            }
        });
        let bell = Bell::new();
        let mut key = None;
        while !scope.wait(&mut key, &bell.waker(), false) {
            bell.wait();
        }
        while !scope.wait(&mut key, &bell.waker(), true) {
            bell.wait();
        }
        scope.forget_waiter(&mut key);
        canceller.join().unwrap();
        assert_eq!(Arc::strong_count(&bell), 1, "no waker is left");
    });
}

/// A waiter that is dropped while the scope is cancelled takes only its own
/// waker along, and leaves none.
#[test]
fn loom_a_waiter_dropped_during_a_cancellation_leaves_nothing() {
    model::check(|| {
        let scope = Scope::root();
        let (stays, goes, late) = (Bell::new(), Bell::new(), Bell::new());
        let (mut stays_at, mut goes_at, mut late_at) = (None, None, None);
        assert!(!scope.wait(&mut goes_at, &goes.waker(), true));
        assert!(!scope.wait(&mut stays_at, &stays.waker(), true));
        let canceller = thread::spawn({
            let scope = scope.clone();
            move || {
                scope.raise(ASKED, Arc::new(cause()));
                scope.raise(ENDED, Arc::new(cause()));
            }
        });
        // Perhaps in a place that the first of the two has emptied, and that
        // had been the other's.
        let seen = scope.wait(&mut late_at, &late.waker(), true);
        scope.forget_waiter(&mut goes_at);
        canceller.join().unwrap();
        scope.forget_waiter(&mut late_at);
        assert_eq!(stays.rings(), 1);
        assert!(goes.rings() <= 1);
        assert!(seen || late.rings() >= 1);
        for bell in [stays, goes, late] {
            assert_eq!(Arc::strong_count(&bell), 1, "no waker is left");
        }
    });
}

/// A group connected during a cancellation is told of it, or sees the state.
#[test]
fn loom_a_group_connected_during_a_cancellation_learns_of_it() {
    struct Told(AtomicBool);
    impl OnCancel for Told {
        fn on_cancel(&self, _: bool) {
            // Relaxed: read after a join.
            self.0.store(true, Ordering::Relaxed);
        }

        fn adopt(&self) {}

        fn release(&self) {}

        fn abandon(&self) {}

        fn describe(&self, _: usize) -> GroupReport {
            unreachable!()
        }
    }

    model::check(|| {
        let scope = Scope::root();
        let canceller = thread::spawn({
            let scope = scope.clone();
            move || scope.cancel(cause())
        });
        let group = Arc::new(Told(AtomicBool::new(false)));
        scope.set_hook(Arc::downgrade(&group) as Weak<dyn OnCancel>);
        let seen = scope.is_ended();
        canceller.join().unwrap();
        assert!(seen || group.0.load(Ordering::Relaxed));
    });
}

/// The waker of a task that has ended can hold a scope below the one that it
/// waits for, and drops it with the task.
#[test]
fn loom_a_waker_is_not_dropped_under_the_lock() {
    struct Task {
        _scope: Option<Arc<Scope>>,
    }
    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }

    model::check(|| {
        let scope = Scope::root();
        let mut key = None;
        let ended = Arc::new(Task {
            _scope: Some(scope.child(Kind::Task)),
        });
        scope.wait(&mut key, &Waker::from(ended), true);
        let other = Arc::new(Task { _scope: None });
        scope.wait(&mut key, &Waker::from(other), true);
        assert_eq!(scope.inner.lock().children.len(), 0);
        scope.forget_waiter(&mut key);
    });
}
