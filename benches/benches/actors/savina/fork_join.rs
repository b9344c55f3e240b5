//! Fork-join: many messages to a few actors; and an actor for each message.

use nimsync_benches::add_actors;

use crate::Run;

const ACTORS: u64 = 60;

pub(crate) fn throughput(run: &Run<'_>) {
    let (all, each) = (run.all, run.size(10_000));
    let mut case = run.timed("fork-join throughput, a message", ACTORS * each);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        throughput(each)
    );
    case.run();
}

pub(crate) fn creation(run: &Run<'_>) {
    let (all, actors) = (run.all, run.size(40_000));
    let mut case = run.timed("fork-join creation, an actor", actors);
    add_actors!(case.time, all, [by_hand, kameo, ractor], creation(actors));
    // On two arbiters it hangs at times.
    if run.workers == 1 {
        case.time("actix", || peers::creation(&all.actix, actors));
    }
    case.run();
}

/// What is done for each message.
fn compute() {
    let sine = std::hint::black_box(37.2_f64).sin();
    assert!(std::hint::black_box(sine * sine) > 0.0);
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Finish, finish};
    use nimsync_benches::ours::in_task;

    use super::{ACTORS, compute};

    /// Ends after so many messages.
    #[actor]
    struct Worker {
        left: u64,
        finish: Finish,
    }

    #[actor]
    impl Worker {
        pub(crate) fn work(&mut self, cx: &mut Cx<Self>) {
            compute();
            self.left -= 1;
            if self.left == 0 {
                self.finish.arrive();
                cx.stop();
            }
        }
    }

    pub(crate) fn throughput(runtime: &Runtime, each: u64) {
        in_task(runtime, async move {
            let (finish, finished) = finish(ACTORS);
            let system = ActorSystem::new();
            let worker = |_| {
                let finish = finish.clone();
                system.spawn(Worker { left: each, finish })
            };
            let workers: Vec<_> = (0..ACTORS).map(worker).collect();
            for _ in 0..each {
                for worker in &workers {
                    worker.work().tell().await.expect("it runs");
                }
            }
            finished.await.expect("all finish");
            system.join().await.expect("no actor fails");
        });
    }

    pub(crate) fn creation(runtime: &Runtime, actors: u64) {
        in_task(runtime, async move {
            let (finish, finished) = finish(actors);
            let system = ActorSystem::new();
            for _ in 0..actors {
                let finish = finish.clone();
                let worker = system.spawn(Worker { left: 1, finish });
                worker.work().tell().await.expect("it runs");
            }
            finished.await.expect("all finish");
            system.join().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Finish, Library, finish};

    use super::{ACTORS, compute};

    /// Ends after so many messages.
    struct Worker {
        left: u64,
        finish: Finish,
    }

    impl<L: Library> Behavior<L> for Worker {
        type Message = ();
        type Reply = ();

        async fn handle(&mut self, (): ()) {
            compute();
            self.left -= 1;
            if self.left == 0 {
                self.finish.arrive();
            }
        }

        fn is_done(&self) -> bool {
            self.left == 0
        }
    }

    pub(crate) fn throughput<L: Library>(library: &L, each: u64) {
        library.run(async move {
            let (finish, finished) = finish(ACTORS);
            let mut workers = Vec::new();
            for near in 0..ACTORS {
                let finish = finish.clone();
                workers.push(L::spawn(near, Worker { left: each, finish }).await);
            }
            for _ in 0..each {
                for worker in &workers {
                    L::tell(worker, ()).await;
                }
            }
            finished.await.expect("all finish");
        });
    }

    pub(crate) fn creation<L: Library>(library: &L, actors: u64) {
        library.run(async move {
            let (finish, finished) = finish(actors);
            for near in 0..actors {
                let finish = finish.clone();
                let worker = L::spawn(near, Worker { left: 1, finish }).await;
                L::tell(&worker, ()).await;
            }
            finished.await.expect("all finish");
        });
    }
}
