//! What the actors of the peers take.

use nimsync_benches::actors::{Counter, Library, ToCounter};
use nimsync_benches::settle;

use super::Requests;
use crate::usage::Usage;

pub(crate) fn tells<L: Library>(library: &L, n: u64) -> [f64; 2] {
    library.run(async move {
        let counter = L::spawn(0, Counter::default()).await;
        // The first half warms up.
        let mut before = Requests::now();
        for half in 1..=2 {
            before = Requests::now();
            for _ in 0..n {
                L::tell(&counter, ToCounter::Add(1)).await;
            }
            assert_eq!(L::ask(&counter, ToCounter::Get).await, half * n);
        }
        let requests = before.since(n);
        L::stop(counter).await;
        requests
    })
}

pub(crate) fn asks<L: Library>(library: &L, n: u64) -> [f64; 2] {
    library.run(async move {
        let counter = L::spawn(0, Counter::default()).await;
        assert_eq!(L::ask(&counter, ToCounter::Get).await, 0);
        let before = Requests::now();
        for sum in 1..=n {
            assert_eq!(L::ask(&counter, ToCounter::Add(1)).await, sum);
        }
        let requests = before.since(n);
        L::stop(counter).await;
        requests
    })
}

pub(crate) fn lives<L: Library>(library: &L, n: u64) -> [f64; 2] {
    library.run(async move {
        let before = Requests::now();
        for _ in 0..n {
            let counter = L::spawn(0, Counter::default()).await;
            L::tell(&counter, ToCounter::Add(1)).await;
            L::stop(counter).await;
        }
        before.since(n)
    })
}

pub(crate) fn idle<L: Library>(library: &L, n: u64) -> [f64; 3] {
    library.run(async move {
        let mut counters = Vec::with_capacity(n as usize);
        let before = Usage::start();
        for _ in 0..n {
            let counter = L::spawn(0, Counter::default()).await;
            L::tell(&counter, ToCounter::Add(1)).await;
            counters.push(counter);
        }
        for counter in &counters {
            assert_eq!(L::ask(counter, ToCounter::Get).await, 1);
        }
        settle();
        let growth = before.growth(n);
        for counter in counters {
            L::stop(counter).await;
        }
        growth
    })
}
