//! The runtimes on which channels are awaited.

use tokio::runtime::{Builder, Runtime};

/// Runs the tasks at the two sides of a channel.
pub trait Executor {
    /// Spawns all, waits for all, and returns the sum of what `receivers` return.
    fn run<S, R>(&self, senders: Vec<S>, receivers: Vec<R>) -> u64
    where
        S: Future<Output = ()> + Send + 'static,
        R: Future<Output = u64> + Send + 'static;
}

/// Starts tokio's runtime.
pub fn tokio(workers: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(workers);
    builder.build().expect("the runtime starts")
}

/// Starts nimsync's runtime.
#[cfg(feature = "nimsync")]
pub fn nimsync(workers: usize) -> nimsync::Runtime {
    let builder = nimsync::Runtime::builder().workers(workers);
    builder.build().expect("the runtime starts")
}

impl Executor for Runtime {
    fn run<S, R>(&self, senders: Vec<S>, receivers: Vec<R>) -> u64
    where
        S: Future<Output = ()> + Send + 'static,
        R: Future<Output = u64> + Send + 'static,
    {
        self.block_on(async {
            let senders: Vec<_> = senders.into_iter().map(tokio::spawn).collect();
            let receivers: Vec<_> = receivers.into_iter().map(tokio::spawn).collect();
            for sender in senders {
                sender.await.expect("the sender succeeds");
            }
            let mut sum = 0;
            for receiver in receivers {
                sum += receiver.await.expect("the receiver succeeds");
            }
            sum
        })
    }
}

#[cfg(feature = "nimsync")]
impl Executor for nimsync::Runtime {
    fn run<S, R>(&self, senders: Vec<S>, receivers: Vec<R>) -> u64
    where
        S: Future<Output = ()> + Send + 'static,
        R: Future<Output = u64> + Send + 'static,
    {
        use nimsync::prelude::*;

        let group = async {
            let group = task_group!(|g| {
                for sender in senders {
                    g.spawn(sender);
                }
                let receivers: Vec<_> = receivers.into_iter().map(|r| g.spawn(r)).collect();
                let mut sum = 0;
                for receiver in receivers {
                    sum += receiver.await;
                }
                sum
            });
            group.await
        };
        self.block_on(group).expect("all succeed")
    }
}
