//! nimsync's groups.

use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_benches::ours::in_task;
use nimsync_benches::tally::{self, Alive};
use nimsync_benches::work;

use crate::{FAILS, SIZE};

pub(crate) fn spawned(runtime: &Runtime, groups: u64, size: u64) {
    in_task(runtime, async move {
        for _ in 0..groups {
            let sum = task_group!(|g| {
                let children: Vec<_> = (0..size).map(|i| g.spawn(async move { i })).collect();
                let mut sum = 0;
                for child in children {
                    sum += child.await;
                }
                sum
            });
            assert_eq!(sum.await.expect("no task fails"), size * (size - 1) / 2);
        }
    });
}

pub(crate) fn in_place(runtime: &Runtime, groups: u64, size: u64) {
    in_task(runtime, async move {
        for _ in 0..groups {
            let sum = task_group!(|g| {
                let children: Vec<_> = (0..size).map(|i| g.spawn_local(async move { i })).collect();
                let mut sum = 0;
                for child in children {
                    sum += child.await;
                }
                sum
            });
            assert_eq!(sum.await.expect("no task fails"), size * (size - 1) / 2);
        }
    });
}

pub(crate) fn one_fails(runtime: &Runtime, groups: u64) {
    in_task(runtime, async move {
        for _ in 0..groups {
            tally::reset();
            let outcome = task_group!(|g| {
                for i in 0..SIZE {
                    g.spawn(work::failing(Alive::begin(), i == FAILS));
                }
            });
            assert!(outcome.await.is_err());
            assert_eq!(tally::ended(), SIZE);
        }
    });
}

pub(crate) fn one_fails_in_place(runtime: &Runtime, groups: u64) {
    in_task(runtime, async move {
        for _ in 0..groups {
            tally::reset();
            let outcome = task_group!(|g| {
                for i in 0..SIZE {
                    g.spawn_local(work::failing(Alive::begin(), i == FAILS));
                }
            });
            assert!(outcome.await.is_err());
            assert_eq!(tally::ended(), SIZE);
        }
    });
}
