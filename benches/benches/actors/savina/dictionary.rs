//! Concurrent dictionary: workers read and write a map that an actor owns.

use std::collections::HashMap;

use nimsync_benches::add_actors;

use super::Random;
use crate::Run;

const WORKERS: u64 = 20;
const WRITES_IN_100: u64 = 10;
const KEYS: u64 = 524_287;

pub(crate) fn case(run: &Run<'_>) {
    let (all, each) = (run.all, run.size(10_000));
    let mut case = run.timed("concurrent dictionary, a request", WORKERS * each);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        requests(each)
    );
    case.run();
}

/// The map, and how often it was used.
#[derive(Default)]
struct Map {
    entries: HashMap<u64, u64>,
    reads: u64,
    writes: u64,
}

impl Map {
    fn read(&mut self, key: u64) -> u64 {
        self.reads += 1;
        self.entries.get(&key).copied().unwrap_or(key)
    }

    fn write(&mut self, key: u64, value: u64) -> u64 {
        self.writes += 1;
        self.entries.insert(key, value);
        value
    }
}

/// What a worker wants next.
enum Request {
    Read(u64),
    Write(u64, u64),
}

fn request(random: &mut Random) -> Request {
    let key = random.below(KEYS);
    if random.below(100) < WRITES_IN_100 {
        Request::Write(key, random.below(KEYS))
    } else {
        Request::Read(key)
    }
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Finish, finish};
    use nimsync_benches::ours::in_task;

    use super::super::Random;
    use super::{Map, Request, WORKERS, request};

    #[actor]
    struct Dictionary {
        map: Map,
    }

    #[actor]
    impl Dictionary {
        pub(crate) async fn read(&mut self, key: u64, by: WorkerHandle) {
            let value = self.map.read(key);
            by.answer(value).tell().await.expect("it runs");
        }

        pub(crate) async fn write(&mut self, key: u64, value: u64, by: WorkerHandle) {
            let value = self.map.write(key, value);
            by.answer(value).tell().await.expect("it runs");
        }

        pub(crate) fn used(&self) -> u64 {
            self.map.reads + self.map.writes
        }
    }

    #[actor]
    struct Worker {
        dictionary: DictionaryHandle,
        random: Random,
        left: u64,
        finish: Finish,
    }

    #[actor]
    impl Worker {
        pub(crate) async fn answer(&mut self, _value: u64, cx: &mut Cx<Self>) {
            if self.left == 0 {
                return self.finish.arrive();
            }
            self.left -= 1;
            let told = match request(&mut self.random) {
                Request::Read(key) => self.dictionary.read(key, cx.handle()).tell().await.is_ok(),
                Request::Write(key, value) => {
                    let write = self.dictionary.write(key, value, cx.handle());
                    write.tell().await.is_ok()
                }
            };
            assert!(told, "it runs");
        }
    }

    pub(crate) fn requests(runtime: &Runtime, each: u64) {
        in_task(runtime, async move {
            let (finish, finished) = finish(WORKERS);
            let system = ActorSystem::new();
            let dictionary = system.spawn(Dictionary {
                map: Map::default(),
            });
            // Without a handle somewhere a worker would end.
            let mut workers = Vec::new();
            for number in 0..WORKERS {
                let worker = system.spawn(Worker {
                    dictionary: dictionary.clone(),
                    random: Random::new(number),
                    left: each,
                    finish: finish.clone(),
                });
                worker.answer(0).tell().await.expect("it runs");
                workers.push(worker);
            }
            finished.await.expect("all finish");
            assert_eq!(dictionary.used().await, Ok(WORKERS * each));
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Finish, Library, finish};

    use super::super::Random;
    use super::{Map, Request, WORKERS, request};

    struct Dictionary {
        map: Map,
    }

    enum ToDictionary<L: Library> {
        Request(Request, L::Address<Worker<L>>),
        Used,
    }

    impl<L: Library> Behavior<L> for Dictionary {
        type Message = ToDictionary<L>;
        type Reply = u64;

        async fn handle(&mut self, message: ToDictionary<L>) -> u64 {
            if let ToDictionary::Request(request, by) = message {
                let value = match request {
                    Request::Read(key) => self.map.read(key),
                    Request::Write(key, value) => self.map.write(key, value),
                };
                L::tell(&by, ToWorker::Answer(value)).await;
            }
            self.map.reads + self.map.writes
        }
    }

    struct Worker<L: Library> {
        dictionary: L::Address<Dictionary>,
        me: Option<L::Address<Worker<L>>>,
        random: Random,
        left: u64,
        finish: Finish,
    }

    enum ToWorker<L: Library> {
        Start(L::Address<Worker<L>>),
        Answer(u64),
    }

    impl<L: Library> Behavior<L> for Worker<L> {
        type Message = ToWorker<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToWorker<L>) {
            match message {
                ToWorker::Start(me) => self.me = Some(me),
                ToWorker::Answer(_value) => {}
            }
            if self.left == 0 {
                self.me = None;
                return self.finish.arrive();
            }
            self.left -= 1;
            let me = self.me.clone().expect("it was started");
            let request = request(&mut self.random);
            L::tell(&self.dictionary, ToDictionary::Request(request, me)).await;
        }

        fn is_done(&self) -> bool {
            self.me.is_none()
        }
    }

    pub(crate) fn requests<L: Library>(library: &L, each: u64) {
        let used = library.run(async move {
            let (finish, finished) = finish(WORKERS);
            let map = Map::default();
            let dictionary: L::Address<Dictionary> = L::spawn(0, Dictionary { map }).await;
            for number in 0..WORKERS {
                let worker = Worker::<L> {
                    dictionary: dictionary.clone(),
                    me: None,
                    random: Random::new(number),
                    left: each,
                    finish: finish.clone(),
                };
                let worker = L::spawn(number, worker).await;
                L::tell(&worker, ToWorker::Start(worker.clone())).await;
            }
            finished.await.expect("all finish");
            let used = L::ask(&dictionary, ToDictionary::Used).await;
            L::stop(dictionary).await;
            used
        });
        assert_eq!(used, WORKERS * each);
    }
}
