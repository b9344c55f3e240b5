//! What the actors of nimsync take.

use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_benches::ours::{Counter, in_task};
use nimsync_benches::settle;

use super::Requests;
use crate::usage::Usage;

pub(crate) fn tells(runtime: &Runtime, n: u64) -> [f64; 2] {
    in_task(runtime, async move {
        let system = ActorSystem::new();
        let counter = system.spawn(Counter::default());
        // The first half warms up.
        let mut before = Requests::now();
        for half in 1..=2 {
            before = Requests::now();
            for _ in 0..n {
                counter.add(1).tell().await.expect("it runs");
            }
            assert_eq!(counter.get().await, Ok(half * n));
        }
        let requests = before.since(n);
        system.stop().await.expect("no actor fails");
        requests
    })
}

pub(crate) fn asks(runtime: &Runtime, n: u64) -> [f64; 2] {
    in_task(runtime, async move {
        let system = ActorSystem::new();
        let counter = system.spawn(Counter::default());
        assert_eq!(counter.get().await, Ok(0));
        let before = Requests::now();
        for sum in 1..=n {
            assert_eq!(counter.add(1).await, Ok(sum));
        }
        let requests = before.since(n);
        system.stop().await.expect("no actor fails");
        requests
    })
}

pub(crate) fn lives(runtime: &Runtime, n: u64) -> [f64; 2] {
    in_task(runtime, async move {
        let system = ActorSystem::new();
        let before = Requests::now();
        for _ in 0..n {
            let counter = system.spawn(Counter::default());
            counter.add(1).tell().await.expect("it runs");
            counter.stop().await;
        }
        let requests = before.since(n);
        system.stop().await.expect("no actor fails");
        requests
    })
}

pub(crate) fn idle(runtime: &Runtime, n: u64) -> [f64; 3] {
    in_task(runtime, async move {
        let system = ActorSystem::new();
        let mut counters = Vec::with_capacity(n as usize);
        let before = Usage::start();
        for _ in 0..n {
            let counter = system.spawn(Counter::default());
            counter.add(1).tell().await.expect("it runs");
            counters.push(counter);
        }
        for counter in &counters {
            assert_eq!(counter.get().await, Ok(1));
        }
        settle();
        let growth = before.growth(n);
        system.stop().await.expect("no actor fails");
        growth
    })
}
