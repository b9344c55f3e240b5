//! Random trees of everything.
//!
//! A tree is grown while it runs, from one seed: what a task does is decided by
//! a generator of its own, which it got from its parent, so that the seed names
//! the same tree however the tasks are interleaved. (What is cancelled when is
//! another matter: a seed that failed may have to be tried a few times.)
//!
//! Afterwards each guard must have been dropped once, and nothing be alive.

use super::helpers::{Guard, Ledger, is_wanted, panic_quietly, poll_times, seeded};
use fastrand::Rng;
use futures::StreamExt;
use futures::future::{BoxFuture, Either, FutureExt, select};
use futures::stream::FuturesUnordered;
use nimsync::prelude::*;
use nimsync::{GroupOptions, Policy, Restart, Runtime, Spawner};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Tasks, at most, in one tree.
const MOST_TASKS: usize = 150;
/// How deep groups nest.
const DEEPEST: usize = 6;

/// What all tasks of a tree know.
struct World {
    ledger: Ledger,
    tasks: AtomicUsize,
    /// One task in so many panics, and so for the destructors.
    panics: u32,
}

/// An error that holds a guard.
struct Oops(Guard);

impl std::fmt::Debug for Oops {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let _: &Guard = &self.0;
        f.write_str("Oops")
    }
}

impl std::fmt::Display for Oops {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a failure that the test wanted")
    }
}

impl std::error::Error for Oops {}

/// Where in the tree a task is.
#[derive(Clone)]
struct Place {
    world: Arc<World>,
    rng: Rng,
    depth: usize,
}

impl Place {
    fn below(&mut self) -> Self {
        Self {
            world: self.world.clone(),
            rng: self.rng.fork(),
            depth: self.depth + 1,
        }
    }

    fn one_in(&mut self, n: u32) -> bool {
        n != 0 && self.rng.u32(..n) == 0
    }

    /// A guard that may panic in its destructor.
    ///
    /// Not to be in scope where another guard is returned: if a destructor panics
    /// at the end of a function, what that returns is leaked
    /// (rust-lang/rust#47949).
    #[track_caller]
    fn guard(&mut self) -> Guard {
        let panics = self.world.panics;
        let panics = self.one_in(panics.saturating_mul(4));
        self.world.ledger.guard_that(panics)
    }

    fn moment(&mut self) -> Duration {
        Duration::from_micros(self.rng.u64(..400))
    }

    /// Whether there may be more tasks below here.
    fn may_grow(&self) -> bool {
        self.depth < DEEPEST && self.world.tasks.load(Ordering::Relaxed) < MOST_TASKS
    }
}

/// A task: some steps, and then an end of some kind.
fn task(mut place: Place) -> BoxFuture<'static, Result<Guard, Oops>> {
    place.world.tasks.fetch_add(1, Ordering::Relaxed);
    async move {
        let steps = place.rng.usize(..5);
        let work = async {
            let _guard = place.guard();
            for _ in 0..steps {
                step(&mut place).await;
            }
            let panics = place.world.panics;
            if place.one_in(panics) {
                panic_quietly();
            }
        };
        work.await;
        if place.one_in(12) {
            return Err(Oops(place.guard()));
        }
        Ok(place.guard())
    }
    .boxed()
}

async fn step(place: &mut Place) {
    let moment = place.moment();
    match place.rng.u8(..24) {
        0..4 => nimsync::yield_now().await,
        4 | 5 => sleep(moment).await,
        6 => shield!(sleep(moment)).await,
        7 => {
            let guard = place.guard();
            let kept = nimsync::unblock(move || {
                std::thread::sleep(moment / 8);
                guard
            });
            let _: Guard = kept.await;
        }
        8 => {
            let _ = nimsync::cancel::checkpoint().await;
        }
        9 if place.one_in(4) => nimsync::cancel::current().cancel(),
        10 if place.one_in(4) => nimsync::cancel::current().cancel_after(moment),
        _ if !place.may_grow() => nimsync::yield_now().await,
        11..15 => drop(group(place.below()).await),
        15 => {
            let (a, b) = (group(place.below()), group(place.below()));
            futures::join!(a, b);
        }
        16 => {
            // Dropped half way.
            let times = place.rng.usize(1..6);
            drop(poll_times(times, group(place.below())).await);
        }
        17 => {
            let _ = with_timeout!(moment, group(place.below())).await;
        }
        18 => {
            let _guard = race!(group(place.below()), group(place.below())).await;
        }
        19 => {
            let timer = Box::pin(sleep(moment));
            match select(group(place.below()), timer).await {
                Either::Left((outcome, _)) => drop(outcome),
                Either::Right((_, rest)) => drop(rest),
            }
        }
        20 => {
            let scope = CancelScope::new();
            let inner = group(place.below());
            let cancel = async {
                sleep(moment).await;
                scope.cancel();
            };
            let _ = futures::join!(scope.run(inner), cancel);
        }
        21 => drop(shield!(group(place.below())).await),
        22 => owned(place.below()).await,
        // It leaks what is left in it if a destructor of the others panics.
        _ if place.world.panics != 0 => nimsync::yield_now().await,
        _ => {
            let mut all: FuturesUnordered<_> = (0..3).map(|_| group(place.below())).collect();
            let wanted = place.rng.usize(1..4);
            for _ in 0..wanted {
                drop(all.next().await);
            }
        }
    }
}

/// A group with random options, and what it came to.
fn group(mut place: Place) -> BoxFuture<'static, Option<Guard>> {
    let mut limited = false;
    let mut options = GroupOptions::new().policy(match place.rng.u8(..6) {
        0..3 => Policy::FailFast,
        3 => Policy::CollectErrors,
        4 => Policy::IgnoreErrors,
        _ => Policy::Quorum(place.rng.usize(1..4)),
    });
    if place.one_in(3) {
        limited = true;
        options = options.limit(place.rng.usize(1..4));
    }
    if place.one_in(5) {
        options = options.timeout(place.moment());
    }
    if place.one_in(5) {
        options = options.grace(place.moment());
    }
    if place.one_in(6) {
        options = options.eager();
    }
    async move {
        // Children in place may be given what outlives the group.
        let outside = place.world.ledger.guard();
        let inner = place.below();
        let outcome = open(options, limited, inner, &outside).await;
        outcome.ok()
    }
    .boxed()
}

/// The group, by the names that the macro uses, to give it options in a value.
async fn open(
    options: GroupOptions,
    limited: bool,
    place: Place,
    outside: &Guard,
) -> Result<Guard, nimsync::GroupError> {
    let anchor = nimsync::__private::open(options);
    let core = nimsync::__private::Core::new(&anchor);
    let g = core.group();
    core.drive(body(g, limited, place, outside)).await
}

async fn body<'g>(
    g: &'g nimsync::TaskGroup<'g>,
    limited: bool,
    mut place: Place,
    outside: &'g Guard,
) -> Result<Guard, Oops> {
    work(g, limited, &mut place, outside).await;
    if place.one_in(12) {
        return Err(Oops(place.guard()));
    }
    Ok(place.guard())
}

async fn work<'g>(
    g: &'g nimsync::TaskGroup<'g>,
    limited: bool,
    place: &mut Place,
    outside: &'g Guard,
) {
    let _guard = place.guard();
    let mut children = Vec::new();
    let count = place.rng.usize(..7);
    for _ in 0..count {
        match place.rng.u8(..16) {
            0..5 => children.push(g.spawn(task(place.below()))),
            5 | 6 => drop(g.spawn(task(place.below()))),
            7 | 8 => {
                let inner = place.below();
                let in_place = in_place(g, inner, outside);
                drop(g.spawn_local(in_place));
            }
            9 => {
                let inner = place.below();
                drop(g.service(async move {
                    loop {
                        let mut inner = inner.clone();
                        nimsync::yield_now().await;
                        sleep(inner.moment()).await;
                        drop(task(inner.below()).await?);
                    }
                    #[allow(unreachable_code, reason = "gives the type")]
                    Ok::<(), Oops>(())
                }));
            }
            10 => {
                let (guard, moment) = (place.guard(), place.moment());
                let grows = place.may_grow() && place.one_in(2);
                let inner = place.below();
                g.defer_within(Duration::from_millis(1), async move {
                    let _guard = guard;
                    sleep(moment).await;
                    if grows {
                        drop(group(inner).await);
                    }
                });
            }
            11 => {
                let (inner, guard) = (place.below(), place.guard());
                let started = g.start(|ready| async move {
                    let mut inner = inner;
                    step(&mut inner).await;
                    if inner.one_in(3) {
                        drop((ready, guard));
                    } else {
                        ready.set(guard);
                    }
                    task(inner.below()).await
                });
                if place.one_in(2) {
                    drop(started.await);
                }
            }
            12 => {
                let spawner: Spawner = g.spawner();
                let mut inner = place.below();
                drop(g.spawn(async move {
                    for _ in 0..2 {
                        step(&mut inner).await;
                        let child = spawner.spawn(task(inner.below()));
                        // A child that waits for one that waits for its room
                        // would wait for ever.
                        if let Ok(child) = child
                            && inner.one_in(2)
                            && !limited
                        {
                            drop(child.outcome().await);
                        }
                    }
                }));
            }
            13 => {
                let (guard, moment) = (place.guard(), place.moment());
                drop(g.spawn_blocking(move || {
                    std::thread::sleep(moment / 8);
                    Some(guard)
                }));
            }
            14 => {
                let mut inner = place.below();
                let restart = Restart::on_failure(2, 1.seconds())
                    .backoff(Duration::from_micros(50), Duration::from_micros(100));
                drop(g.supervise(restart, move || task(inner.below())));
            }
            _ => step(place).await,
        }
        if place.one_in(6) {
            g.ready().await;
        }
    }
    for child in children {
        match place.rng.u8(..6) {
            0 => drop(child.await),
            1 => {
                child.cancel();
                drop(child.outcome().await);
            }
            2 => drop(child.outcome().await),
            3 => {
                let mut child = child;
                let _ = (&mut child).now_or_never();
            }
            _ => drop(child),
        }
    }
    if place.one_in(12) {
        g.cancel();
    }
    let panics = place.world.panics;
    if place.one_in(panics) {
        panic_quietly();
    }
    step(place).await;
}

/// A child that is not `Send`, borrows, and spawns siblings.
async fn in_place<'g>(g: &'g nimsync::TaskGroup<'g>, mut place: Place, outside: &'g Guard) {
    let thread = std::thread::current().id();
    let guard = Rc::new(place.guard());
    for _ in 0..place.rng.usize(..4) {
        step(&mut place).await;
        assert_eq!(std::thread::current().id(), thread, "it is not `Send`");
        let _: &Guard = outside;
        if place.one_in(4) {
            let mut inner = place.below();
            let guard = guard.clone();
            drop(g.spawn_local(async move {
                let _guard = guard;
                step(&mut inner).await;
            }));
        }
        if place.one_in(4) {
            drop(g.spawn(task(place.below())));
        }
    }
}

/// A group that lends what it owns to parallel children.
fn owned(place: Place) -> BoxFuture<'static, ()> {
    lend(place).boxed()
}

async fn lend(mut place: Place) {
    let rows: Vec<(Guard, u64)> = (0..4).map(|_| (place.guard(), 0)).collect();
    let inner = place.below();
    let group = Box::pin(task_group!(own(rows, inner), |g| {
        for (guard, row) in rows.iter_mut() {
            let mut inner = inner.below();
            g.spawn(async move {
                step(&mut inner).await;
                let _: &Guard = guard;
                *row += 1;
                let panics = inner.world.panics;
                if inner.one_in(panics) {
                    panic_quietly();
                }
                Ok::<_, Oops>(inner.guard())
            });
        }
        step(inner).await;
    }));
    if place.one_in(3) {
        let times = place.rng.usize(1..4);
        drop(poll_times(times, group).await);
    } else {
        let (_, (rows, _)) = group.await;
        assert!(rows.iter().all(|(_, row)| *row < 2));
    }
}

fn grow(seed: u64, workers: usize, panics: u32) {
    let name = format!("tree-{}", fastrand::u64(..));
    let ledger = Ledger::new();
    let runtime = Runtime::builder()
        .workers(workers)
        .thread_name(&*name)
        .build()
        .unwrap();
    for round in 0..3 {
        let world = Arc::new(World {
            ledger: ledger.clone(),
            tasks: AtomicUsize::new(0),
            panics,
        });
        let mut place = Place {
            world,
            rng: Rng::with_seed(seed.wrapping_add(round << 40)),
            depth: 0,
        };
        let root = async move {
            for _ in 0..4 {
                step(&mut place).await;
                drop(group(place.below()).await);
            }
            place.guard()
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(root)));
        let tree = nimsync::tree().to_string();
        assert!(!tree.contains(&name), "tasks are alive:\n{tree}");
        match outcome {
            Ok(guard) => drop(catch_unwind(AssertUnwindSafe(|| drop(guard)))),
            Err(payload) if is_wanted(&*payload) => {}
            Err(payload) => {
                let message = payload.downcast_ref::<String>();
                let cancelled = message.is_some_and(|it| it.contains("the root of `block_on` was"));
                if !cancelled {
                    std::panic::resume_unwind(payload);
                }
            }
        }
        let living = ledger.living();
        assert!(living.is_empty(), "alive: {living:?}");
    }
    drop(runtime);
    ledger.close();
}

#[test]
fn random_trees_on_one_worker() {
    seeded(25, |seed| grow(seed, 1, 0));
}

#[test]
fn random_trees_on_two_workers() {
    seeded(25, |seed| grow(seed, 2, 0));
}

#[test]
fn random_trees_on_four_workers() {
    seeded(25, |seed| grow(seed, 4, 0));
}

#[test]
fn random_trees_that_panic_on_one_worker() {
    seeded(25, |seed| grow(seed, 1, 60));
}

#[test]
fn random_trees_that_panic_on_two_workers() {
    seeded(25, |seed| grow(seed, 2, 60));
}

#[test]
fn random_trees_that_panic_on_four_workers() {
    seeded(25, |seed| grow(seed, 4, 30));
}
