//! `par_map` and its kin.

use nimsync::prelude::*;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// Counts how many are inside, and how many there were at most.
#[derive(Clone, Default)]
struct Crowd(Arc<(AtomicUsize, AtomicUsize)>);

impl Crowd {
    fn enter(&self) -> Inside {
        let now = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.1.fetch_max(now, Ordering::SeqCst);
        Inside(self.clone())
    }

    fn now(&self) -> usize {
        self.0.0.load(Ordering::SeqCst)
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

struct Inside(Crowd);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[nimsync::test(start_paused = true)]
async fn order_is_kept_and_the_limit_is_reached() {
    let crowd = Crowd::default();
    let counted = crowd.clone();
    let before = nimsync::now();
    let items: Vec<_> = stream::iter(0..20_u64)
        .par_map(5, move |n| {
            let crowd = counted.clone();
            async move {
                let _inside = crowd.enter();
                sleep((100 - n).milliseconds()).await;
                n
            }
        })
        .collect()
        .await;
    assert_eq!(items, (0..20).collect::<Vec<_>>());
    assert_eq!((crowd.most(), crowd.now()), (5, 0));
    assert!(nimsync::now() - before <= 400.milliseconds());
}

#[nimsync::test(start_paused = true)]
async fn unordered_yields_what_is_ready() {
    let items: Vec<_> = stream::iter([30_u64, 10, 20])
        .par_map_unordered(3, |n| async move {
            sleep(n.milliseconds()).await;
            n
        })
        .collect()
        .await;
    assert_eq!(items, [10, 20, 30]);
}

#[nimsync::test(start_paused = true)]
async fn children_go_on_while_the_consumer_is_busy() {
    let done = Arc::new(AtomicUsize::new(0));
    let counted = done.clone();
    let mut mapped = stream::iter(0..100).par_map(4, move |n| {
        let done = counted.clone();
        async move {
            sleep(10.milliseconds()).await;
            done.fetch_add(1, Ordering::SeqCst);
            n
        }
    });
    assert_eq!(mapped.next().await, Some(0));
    sleep(10.seconds()).await;
    assert_eq!(done.load(Ordering::SeqCst), 8, "twice the limit, no more");
    assert_eq!(mapped.count().await, 99);
}

#[nimsync::test(start_paused = true)]
async fn the_first_error_cancels_the_rest_and_is_last() {
    let crowd = Crowd::default();
    let counted = crowd.clone();
    let mut mapped = stream::iter(0..100_u64).try_par_map(4, move |n| {
        let crowd = counted.clone();
        async move {
            let _inside = crowd.enter();
            sleep((10 + n).milliseconds()).await;
            if n == 2 { Err("two") } else { Ok(n) }
        }
    });
    assert_eq!(mapped.next().await, Some(Ok(0)));
    assert_eq!(mapped.next().await, Some(Ok(1)));
    assert_eq!(mapped.next().await, Some(Err("two")));
    assert_eq!(mapped.next().await, None);
    sleep(1.milliseconds()).await;
    assert_eq!(crowd.now(), 0);
}

#[nimsync::test(start_paused = true)]
async fn no_child_outlives_the_task_that_drops_the_stream() {
    let crowd = Crowd::default();
    task_group!(|g| {
        let counted = crowd.clone();
        g.spawn(async move {
            let mut mapped = stream::iter(0..100_u64).par_map(4, move |n| {
                let crowd = counted.clone();
                async move {
                    let _inside = crowd.enter();
                    sleep((1000 * (n + 1)).milliseconds()).await;
                }
            });
            mapped.next().await;
        });
    })
    .await
    .unwrap();
    assert_eq!((crowd.most(), crowd.now()), (4, 0));
}

#[nimsync::test(start_paused = true)]
#[should_panic = "job 3 broke"]
async fn a_panic_comes_out_of_the_stream() {
    stream::iter(0..10_u64)
        .par_map(2, |n| async move {
            sleep(1.milliseconds()).await;
            assert!(n != 3, "job 3 broke");
        })
        .count()
        .await;
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn jobs_that_never_wait_run_on_both_threads() {
    let threads = Arc::new(Mutex::new(std::collections::HashSet::new()));
    let seen = threads.clone();
    let together = Arc::new(std::sync::Barrier::new(2));
    let sum = stream::iter(0..2_u64)
        .par_map(2, move |n| {
            let (seen, together) = (seen.clone(), together.clone());
            async move {
                // Passed only if two threads are here at once.
                together.wait();
                seen.lock().unwrap().insert(std::thread::current().id());
                n
            }
        })
        .fold(0, async |sum, n| sum + n)
        .await;
    assert_eq!(sum, 1);
    assert_eq!(threads.lock().unwrap().len(), 2);
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn every_item_comes_out_once() {
    for limit in [1, 2, 7, 64] {
        let ordered = stream::iter(0..5_000_u64).par_map(limit, |n| async move {
            if n % 3 == 0 {
                nimsync::yield_now().await;
            }
            n
        });
        assert_eq!(
            ordered.collect::<Vec<_>>().await,
            (0..5_000).collect::<Vec<_>>()
        );
        let unordered = stream::iter(0..5_000_u64).par_map_unordered(limit, |n| async move {
            if n % 5 == 0 {
                nimsync::yield_now().await;
            }
            n
        });
        let mut all: Vec<_> = unordered.collect().await;
        all.sort_unstable();
        assert_eq!(all, (0..5_000).collect::<Vec<_>>());
    }
}

#[nimsync::test(start_paused = true)]
async fn an_adaptive_limit_finds_what_the_work_bears() {
    // Beyond eight at a time everything gets slow.
    let crowd = Crowd::default();
    let counted = crowd.clone();
    let mut mapped =
        stream::iter(0..3_000).par_map(stream::adaptive(12.milliseconds()), move |_| {
            let crowd = counted.clone();
            async move {
                let _inside = crowd.enter();
                let crowded = crowd.now().saturating_sub(8) as u64;
                sleep((10 + 10 * crowded).milliseconds()).await;
            }
        });
    let mut widths = Vec::new();
    while mapped.next().await.is_some() {
        widths.push(mapped.limit());
    }
    let late = &widths[1_000..2_900];
    let mean = late.iter().sum::<usize>() as f64 / late.len() as f64;
    assert!((5.0..=11.0).contains(&mean), "{mean}");
    assert!(crowd.most() < 20, "{}", crowd.most());
}

#[nimsync::test(start_paused = true)]
async fn an_adaptive_limit_has_bounds() {
    let limit = stream::adaptive(1.seconds()).between(3, 6);
    let mut mapped = stream::iter(0..500).par_map_unordered(limit, |_| sleep(1.milliseconds()));
    let mut widths = std::collections::BTreeSet::new();
    while mapped.next().await.is_some() {
        widths.insert(mapped.limit());
    }
    assert_eq!(widths.first().copied(), Some(3));
    assert_eq!(widths.last().copied(), Some(6));
}

#[nimsync::test(start_paused = true)]
async fn cancelled_with_the_scope_around_it() {
    let crowd = Crowd::default();
    let counted = crowd.clone();
    let outcome = with_timeout!(50.milliseconds(), {
        stream::iter(0..100_u64)
            .par_map(3, move |_| {
                let crowd = counted.clone();
                async move {
                    let _inside = crowd.enter();
                    sleep(1.minutes()).await;
                }
            })
            .count()
            .await
    });
    assert!(outcome.await.is_err());
    sleep(1.milliseconds()).await;
    assert_eq!((crowd.most(), crowd.now()), (3, 0));
}
