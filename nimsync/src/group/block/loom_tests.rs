//! Models of a group's end.
//!
//! Block, tasks and scopes are the real ones. The core is the model's own
//! thread, which does what `Drive` and `Core` do with the block, and wakes by a
//! [`Bell`]; the workers are threads that run what is in the injector.

use super::*;
use crate::group::ledger::Adopter;
use crate::prim::model::{self, Bell};
use crate::runtime::loom_tests::{next_task, runtime_without_threads};
use crate::task::loom_tests::Parent;
use loom::cell::UnsafeCell;
use loom::thread;
use std::future::pending;
use std::time::Duration;

fn open(options: GroupOptions) -> Arc<Block> {
    Block::open(runtime_without_threads(), options, Location::caller())
}

fn spawn(
    block: &Block,
    kind: ChildKind,
    future: impl Future<Output = ()> + Send + 'static,
) -> bool {
    // SAFETY: the future is `Send` and owns what it uses.
    let handle = unsafe { block.spawn(future, kind, None, Location::caller()) };
    handle.map(Task::detach).is_some()
}

/// Runs what is queued; tells whether there was anything.
fn work(shared: &Shared) -> bool {
    let mut any = false;
    while let Some(runnable) = next_task(shared) {
        task::run(runnable);
        any = true;
    }
    any
}

/// Waits for the children as the core does, and works meanwhile.
fn join(block: &Block, bell: &Arc<Bell>) {
    while !block.join(&bell.waker()) {
        if !work(&block.shared) {
            bell.wait();
        }
    }
}

fn cancel(block: &Block) {
    let cause = Cancelled::new(CancelReason::Manual, None);
    block.scope.cancel(cause);
}

/// Says whether a future has been dropped, in a cell that loom watches.
struct Trace(UnsafeCell<bool>);

// SAFETY: loom checks the accesses.
unsafe impl Sync for Trace {}
// SAFETY: as above.
unsafe impl Send for Trace {}

struct Traced(Arc<Trace>);

impl Drop for Traced {
    fn drop(&mut self) {
        // SAFETY: read by the parent when the child has ended.
        self.0.0.with_mut(|gone| unsafe { *gone = true });
    }
}

impl Trace {
    fn new() -> Arc<Self> {
        Arc::new(Self(UnsafeCell::new(false)))
    }

    fn assert_gone(&self) {
        // SAFETY: the child that writes it has ended.
        assert!(self.0.with(|gone| unsafe { *gone }));
    }
}

impl std::task::Wake for Traced {
    fn wake(self: Arc<Self>) {}
}

/// Has the block leave a trace when it is freed.
fn trace_end(block: &Block) -> Arc<Trace> {
    let trace = Trace::new();
    block.watch(&Waker::from(Arc::new(Traced(trace.clone()))));
    trace
}

/// A future that ends at once and leaves a trace when it is dropped.
fn traced(trace: &Arc<Trace>) -> impl Future<Output = ()> + Send + 'static {
    let traced = Traced(trace.clone());
    async move { drop(traced) }
}

/// The core is woken by the last child, and sees what all have done.
#[test]
fn loom_the_core_is_woken_by_its_last_child() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let traces = [Trace::new(), Trace::new()];
        let children = traces.each_ref().map(|trace| {
            assert!(spawn(&block, ChildKind::Parallel, traced(trace)));
            let child = next_task(&block.shared).unwrap();
            thread::spawn(move || task::run(child))
        });
        let bell = Bell::new();
        join(&block, &bell);
        traces.iter().for_each(|trace| trace.assert_gone());
        for child in children {
            child.join().unwrap();
        }
        let freed = Arc::downgrade(&block);
        drop(block);
        assert!(freed.upgrade().is_none());
    });
}

/// When only services are left the core is woken to cancel them, and again when
/// they have ended.
#[test]
fn loom_services_are_cancelled_when_the_children_are_done() {
    model::check(|| {
        let block = open(GroupOptions::new());
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let child = next_task(&block.shared).unwrap();
        assert!(spawn(&block, ChildKind::Service, pending()));
        let service = next_task(&block.shared).unwrap();
        let [child, service] = [child, service].map(|task| {
            let shared = block.shared.clone();
            thread::spawn(move || {
                task::run(task);
                work(&shared);
            })
        });
        join(&block, &Bell::new());
        child.join().unwrap();
        service.join().unwrap();
    });
}

/// A core that waits is woken by cancellation, and so are the children.
#[test]
fn loom_a_cancelled_group_ends() {
    model::check(|| {
        let block = open(GroupOptions::new());
        assert!(spawn(&block, ChildKind::Parallel, pending()));
        let child = next_task(&block.shared).unwrap();
        let child = thread::spawn({
            let shared = block.shared.clone();
            move || {
                task::run(child);
                work(&shared);
            }
        });
        let canceller = thread::spawn({
            let block = block.clone();
            move || {
                cancel(&block);
                work(&block.shared);
            }
        });
        join(&block, &Bell::new());
        child.join().unwrap();
        canceller.join().unwrap();
    });
}

/// A child spawned from elsewhere while the group ends is refused, or waited
/// for.
#[test]
fn loom_no_child_is_forgotten_when_the_group_ends() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let trace = Trace::new();
        let spawner = thread::spawn({
            let (block, trace) = (block.clone(), trace.clone());
            move || {
                let accepted = spawn(&block, ChildKind::Parallel, traced(&trace));
                work(&block.shared);
                accepted
            }
        });
        join(&block, &Bell::new());
        // Nothing runs any more, so a child that was accepted is gone now.
        assert_eq!(block.alive(), (0, 0));
        let accepted = block.counts().done == 1;
        if accepted {
            trace.assert_gone();
        }
        assert_eq!(spawner.join().unwrap(), accepted);
    });
}

/// A child spawned while the group is cancelled is cancelled, also if its turn
/// under a limit comes in between.
#[test]
fn loom_a_child_spawned_during_a_cancellation_is_cancelled() {
    model::check(|| {
        let block = open(GroupOptions::new().limit(1));
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let first = next_task(&block.shared).unwrap();
        let worker = thread::spawn({
            let block = block.clone();
            move || {
                task::run(first);
                work(&block.shared);
            }
        });
        let canceller = thread::spawn({
            let block = block.clone();
            move || cancel(&block)
        });
        assert!(spawn(&block, ChildKind::Parallel, pending()));
        worker.join().unwrap();
        canceller.join().unwrap();
        work(&block.shared);
        assert!(block.join(Waker::noop()), "the child was not cancelled");
    });
}

/// A core that leaves while the last child ends: the block is freed once, the
/// child is gone before the task that adopted it ends, and that task does end.
#[test]
fn loom_the_block_is_freed_by_whoever_is_last() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let freed = trace_end(&block);
        let trace = Trace::new();
        assert!(spawn(&block, ChildKind::Parallel, traced(&trace)));
        let child = next_task(&block.shared).unwrap();
        let child = thread::spawn(move || task::run(child));
        let host = Parent::new();
        let _handle = host.start(async move { block.leave() });
        host.run();
        freed.assert_gone();
        trace.assert_gone();
        child.join().unwrap();
    });
}

/// As above with two children, one of which the cancellation has to end.
#[test]
fn loom_the_last_of_two_orphans_frees_the_block() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let freed = trace_end(&block);
        let children = [0, 1].map(|_| {
            assert!(spawn(&block, ChildKind::Parallel, async {}));
            let child = next_task(&block.shared).unwrap();
            thread::spawn(move || task::run(child))
        });
        let host = Parent::new();
        let _handle = host.start(async move { block.leave() });
        host.run();
        freed.assert_gone();
        for child in children {
            child.join().unwrap();
        }
    });
}

/// Children whose end is told in a batch wake the core that joins.
#[test]
fn loom_the_core_is_woken_by_a_batch() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let batch = spawn_two(&block);
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let child = next_task(&block.shared).unwrap();
        let child = thread::spawn(move || task::run(child));
        let bell = Bell::new();
        join(&block, &bell);
        assert_eq!(block.counts().done, 3);
        batch.join().unwrap();
        child.join().unwrap();
    });
}

/// And free the block if the core leaves.
#[test]
fn loom_the_block_is_freed_by_a_batch() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let freed = trace_end(&block);
        let batch = spawn_two(&block);
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let child = next_task(&block.shared).unwrap();
        let child = thread::spawn(move || task::run(child));
        let host = Parent::new();
        let _handle = host.start(async move { block.leave() });
        host.run();
        freed.assert_gone();
        batch.join().unwrap();
        child.join().unwrap();
    });
}

/// Spawns two children that one thread runs in a batch.
fn spawn_two(block: &Block) -> thread::JoinHandle<()> {
    let children = [0, 1].map(|_| {
        assert!(spawn(block, ChildKind::Parallel, async {}));
        next_task(&block.shared).unwrap()
    });
    thread::spawn(move || {
        let mut batch = task::Batch::new();
        for child in children {
            batch.flush_before(&child);
            task::run_in_batch(child, &mut batch);
        }
    })
}

/// A group whose body goes on after the quorum still hears of its cancellation.
#[test]
fn loom_a_quorum_leaves_the_waker_for_cancellation() {
    model::check(|| {
        let block = open(GroupOptions::new().policy(Policy::Quorum(1)));
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let child = next_task(&block.shared).unwrap();
        let bell = Bell::new();
        // As `Drive` at its first poll; it does not do it again before the body
        // has ended.
        block.watch(&bell.waker());
        let child = thread::spawn(move || task::run(child));
        let canceller = thread::spawn({
            let block = block.clone();
            move || cancel(&block)
        });
        while !block.scope.is_ended() {
            bell.wait();
        }
        child.join().unwrap();
        canceller.join().unwrap();
    });
}

/// A child in place that waits for its turn is dropped with the core: when its
/// turn would come, nobody is there to poll it.
#[test]
fn loom_a_child_in_place_does_not_wait_for_a_turn_without_a_core() {
    model::check(|| {
        let block = open(GroupOptions::new().limit(1));
        let trace = Trace::new();
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let child = next_task(&block.shared).unwrap();
        assert!(spawn(&block, ChildKind::InPlace, traced(&trace)));
        let child = thread::spawn(move || task::run(child));
        let host = Parent::new();
        let _handle = host.start(async move {
            // As `Core::drop`.
            cancel(&block);
            block.doom_in_place();
            while block.has_in_place() {
                let next = block.local.lock().queue.pop_front();
                match next {
                    Some(runnable) => _ = task::run(runnable),
                    None => {
                        thread::yield_now();
                        block.doom_in_place();
                    }
                }
            }
            block.leave();
        });
        host.run();
        trace.assert_gone();
        child.join().unwrap();
    });
}

/// A group that was abandoned and had ended then may have been polled since.
#[test]
fn loom_an_abandoned_group_that_spawned_again_is_waited_for() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let (shared, freed) = (block.shared.clone(), trace_end(&block));
        let opener = Parent::new();
        let _opener = opener.start({
            let block = block.clone();
            async move { block.abandon() }
        });
        opener.run();
        // As in the last poll of the body.
        let trace = Trace::new();
        assert!(spawn(&block, ChildKind::Parallel, traced(&trace)));
        let child = next_task(&shared).unwrap();
        let child = thread::spawn(move || task::run(child));
        let host = Parent::new();
        let _handle = host.start(async move { block.leave() });
        host.run();
        freed.assert_gone();
        trace.assert_gone();
        child.join().unwrap();
    });
}

/// The task that opened a group ends while another drops the group: the first
/// to come waits, both end, and the block is freed once.
#[test]
fn loom_a_group_is_abandoned_while_it_is_dropped() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let freed = trace_end(&block);
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let child = next_task(&block.shared).unwrap();
        let child = thread::spawn(move || task::run(child));
        let opener = thread::spawn({
            let group = Arc::downgrade(&block);
            move || {
                let opener = Parent::new();
                let _handle = opener.start(async move {
                    if let Some(group) = group.upgrade() {
                        group.abandon();
                    }
                });
                opener.run();
            }
        });
        let host = Parent::new();
        let _handle = host.start(async move { block.leave() });
        host.run();
        opener.join().unwrap();
        child.join().unwrap();
        freed.assert_gone();
    });
}

/// A group dropped in the body of another is waited for by that one.
#[test]
fn loom_a_group_adopts_the_groups_dropped_in_its_body() {
    model::check(|| {
        let outer = open(GroupOptions::new());
        let inner = open(GroupOptions::new());
        let trace = Trace::new();
        assert!(spawn(&inner, ChildKind::Parallel, traced(&trace)));
        let child = next_task(&inner.shared).unwrap();
        let child = thread::spawn(move || task::run(child));
        outer.adopt();
        let freed = trace_end(&inner);
        inner.leave_to(Adopter::Group(outer.clone()));
        drop(inner);
        join(&outer, &Bell::new());
        freed.assert_gone();
        trace.assert_gone();
        child.join().unwrap();
    });
}

/// A child in place that waits for its turn does not wait for a child that has
/// it and goes on.
#[test]
fn loom_a_child_in_place_is_dropped_before_its_turn() {
    model::check(|| {
        let block = open(GroupOptions::new().limit(1));
        let trace = Trace::new();
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let child = next_task(&block.shared).unwrap();
        assert!(spawn(&block, ChildKind::InPlace, traced(&trace)));
        let host = Parent::new();
        let _handle = host.start(async move {
            // As `Core::drop`.
            cancel(&block);
            block.doom_in_place();
            let queued = block.local.lock().queue.pop_front();
            task::run(queued.expect("it was given its turn"));
            assert!(!block.has_in_place());
            block.leave();
        });
        host.run_once();
        trace.assert_gone();
        let child = thread::spawn(move || task::run(child));
        host.run();
        child.join().unwrap();
    });
}

/// Clean-up that was deferred runs after the last child although the core is
/// gone, and the adopter waits for it as well.
#[test]
fn loom_clean_up_runs_without_a_core() {
    model::check(|| {
        let block = open(GroupOptions::new());
        let (shared, freed) = (block.shared.clone(), trace_end(&block));
        let trace = Trace::new();
        let ran = trace.clone();
        block.add_deferred(Deferred {
            // Dropping it alone leaves no trace.
            future: Box::pin(async move { drop(Traced(ran)) }),
            limit: Duration::from_secs(1),
        });
        assert!(spawn(&block, ChildKind::Parallel, async {}));
        let child = next_task(&shared).unwrap();
        let child = thread::spawn({
            let shared = shared.clone();
            move || {
                task::run(child);
                work(&shared);
            }
        });
        let host = Parent::new();
        let _handle = host.start(async move { block.leave() });
        host.run_once();
        work(&shared);
        host.run();
        freed.assert_gone();
        trace.assert_gone();
        child.join().unwrap();
    });
}
