//! Producers and consumers around a bounded buffer, which a manager keeps.

use std::collections::VecDeque;

use nimsync_benches::add_actors;

use super::Random;
use crate::Run;

const PRODUCERS: u64 = 40;
const CONSUMERS: u64 = 40;
const BUFFER: usize = 50;

pub(crate) fn case(run: &Run<'_>) {
    // The work is nearly all of the suite's program, so the quick run has less.
    let (items, cost) = if run.is_quick() {
        (100, 1)
    } else {
        (1_000, 25)
    };
    let all = run.all;
    let mut case = run.timed("bounded buffer, an item", PRODUCERS * items);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        pass(items, cost)
    );
    case.run();
}

/// Makes an item out of the one before it, or consumes it.
fn process(item: f64, cost: u64) -> f64 {
    let mut random = Random::new(cost);
    let logarithms = (0..cost * 100).map(|_| (random.below(1_000) as f64 / 1e3 + 0.01).ln());
    item + logarithms.sum::<f64>()
}

/// Who waits for whom at the buffer.
struct Buffer<P, C> {
    items: VecDeque<f64>,
    producers: VecDeque<P>,
    consumers: VecDeque<C>,
}

impl<P, C> Buffer<P, C> {
    /// As many items as there are producers may be on their way.
    const FULL: usize = BUFFER - PRODUCERS as usize;

    fn new() -> Buffer<P, C> {
        Buffer {
            items: VecDeque::new(),
            producers: VecDeque::new(),
            consumers: VecDeque::new(),
        }
    }

    /// Returns who gets the item now, and the producer if it may go on.
    fn put(&mut self, item: f64, producer: P) -> (Option<C>, Option<P>) {
        let consumer = self.consumers.pop_front();
        if consumer.is_none() {
            self.items.push_back(item);
        }
        if self.items.len() < Self::FULL {
            return (consumer, Some(producer));
        }
        self.producers.push_back(producer);
        (consumer, None)
    }

    /// Returns an item for the consumer, and a producer that may go on.
    fn take(&mut self, consumer: C) -> Option<(C, f64, Option<P>)> {
        match self.items.pop_front() {
            Some(item) => Some((consumer, item, self.producers.pop_front())),
            None => {
                self.consumers.push_back(consumer);
                None
            }
        }
    }
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Finish, finish};
    use nimsync_benches::ours::in_task;

    use super::{Buffer, CONSUMERS, PRODUCERS, process};

    #[actor(mailbox = 128)]
    struct Manager {
        buffer: Buffer<ProducerHandle, ConsumerHandle>,
    }

    #[actor]
    impl Manager {
        pub(crate) async fn put(&mut self, item: f64, producer: ProducerHandle) {
            let (consumer, producer) = self.buffer.put(item, producer);
            if let Some(consumer) = consumer {
                consumer.consume(item).tell().await.expect("it runs");
            }
            if let Some(producer) = producer {
                producer.produce().tell().await.expect("it runs");
            }
        }

        pub(crate) async fn ready(&mut self, consumer: ConsumerHandle) {
            let Some((consumer, item, producer)) = self.buffer.take(consumer) else {
                return;
            };
            consumer.consume(item).tell().await.expect("it runs");
            if let Some(producer) = producer {
                producer.produce().tell().await.expect("it runs");
            }
        }
    }

    #[actor]
    struct Producer {
        manager: ManagerHandle,
        item: f64,
        left: u64,
        cost: u64,
    }

    #[actor]
    impl Producer {
        pub(crate) async fn produce(&mut self, cx: &mut Cx<Self>) {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            self.item = process(self.item, self.cost);
            let put = self.manager.put(self.item, cx.handle());
            put.tell().await.expect("it runs");
        }
    }

    #[actor]
    struct Consumer {
        manager: ManagerHandle,
        item: f64,
        cost: u64,
        finish: Finish,
    }

    #[actor]
    impl Consumer {
        pub(crate) async fn consume(&mut self, item: f64, cx: &mut Cx<Self>) {
            self.item = process(self.item + item, self.cost);
            let ready = self.manager.ready(cx.handle());
            ready.tell().await.expect("it runs");
            self.finish.arrive();
        }
    }

    pub(crate) fn pass(runtime: &Runtime, items: u64, cost: u64) {
        in_task(runtime, async move {
            let (finish, finished) = finish(PRODUCERS * items);
            let system = ActorSystem::new();
            let manager = system.spawn(Manager {
                buffer: Buffer::new(),
            });
            // Without a handle somewhere an actor would end.
            let (mut consumers, mut producers) = (Vec::new(), Vec::new());
            for _ in 0..CONSUMERS {
                let consumer = system.spawn(Consumer {
                    manager: manager.clone(),
                    item: 0.0,
                    cost,
                    finish: finish.clone(),
                });
                let ready = manager.ready(consumer.clone());
                ready.tell().await.expect("it runs");
                consumers.push(consumer);
            }
            for _ in 0..PRODUCERS {
                let producer = system.spawn(Producer {
                    manager: manager.clone(),
                    item: 0.0,
                    left: items,
                    cost,
                });
                producer.produce().tell().await.expect("it runs");
                producers.push(producer);
            }
            finished.await.expect("all items are consumed");
            // Before those whom it still tells to produce.
            manager.stop().await;
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Finish, Library, finish};

    use super::{Buffer, CONSUMERS, PRODUCERS, process};

    struct Manager<L: Library> {
        buffer: Buffer<L::Address<Producer<L>>, L::Address<Consumer<L>>>,
    }

    enum ToManager<L: Library> {
        Put(f64, L::Address<Producer<L>>),
        Ready(L::Address<Consumer<L>>),
    }

    impl<L: Library> Behavior<L> for Manager<L> {
        const MAILBOX: usize = 128;
        type Message = ToManager<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToManager<L>) {
            let (consumer, item, producer) = match message {
                ToManager::Put(item, producer) => {
                    let (consumer, producer) = self.buffer.put(item, producer);
                    (consumer, item, producer)
                }
                ToManager::Ready(consumer) => match self.buffer.take(consumer) {
                    Some((consumer, item, producer)) => (Some(consumer), item, producer),
                    None => return,
                },
            };
            if let Some(consumer) = consumer {
                L::tell(&consumer, ToConsumer::Consume(item)).await;
            }
            if let Some(producer) = producer {
                L::tell(&producer, ToProducer::Produce).await;
            }
        }
    }

    struct Producer<L: Library> {
        manager: L::Address<Manager<L>>,
        me: Option<L::Address<Producer<L>>>,
        item: f64,
        left: u64,
        cost: u64,
    }

    enum ToProducer<L: Library> {
        Start(L::Address<Producer<L>>),
        Produce,
    }

    impl<L: Library> Behavior<L> for Producer<L> {
        type Message = ToProducer<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToProducer<L>) {
            if let ToProducer::Start(me) = message {
                self.me = Some(me);
            }
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            self.item = process(self.item, self.cost);
            let me = self.me.clone().expect("it was started");
            L::tell(&self.manager, ToManager::Put(self.item, me)).await;
        }
    }

    struct Consumer<L: Library> {
        manager: L::Address<Manager<L>>,
        me: Option<L::Address<Consumer<L>>>,
        item: f64,
        cost: u64,
        finish: Finish,
    }

    enum ToConsumer<L: Library> {
        Start(L::Address<Consumer<L>>),
        Consume(f64),
    }

    impl<L: Library> Behavior<L> for Consumer<L> {
        type Message = ToConsumer<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToConsumer<L>) {
            let item = match message {
                ToConsumer::Start(me) => return self.me = Some(me),
                ToConsumer::Consume(item) => item,
            };
            self.item = process(self.item + item, self.cost);
            let me = self.me.clone().expect("it was started");
            L::tell(&self.manager, ToManager::Ready(me)).await;
            self.finish.arrive();
        }
    }

    pub(crate) fn pass<L: Library>(library: &L, items: u64, cost: u64) {
        library.run(async move {
            let (finish, finished) = finish(PRODUCERS * items);
            let buffer = Buffer::new();
            let manager = L::spawn(0, Manager::<L> { buffer }).await;
            let mut consumers = Vec::new();
            for number in 0..CONSUMERS {
                let consumer = Consumer::<L> {
                    manager: manager.clone(),
                    me: None,
                    item: 0.0,
                    cost,
                    finish: finish.clone(),
                };
                let consumer = L::spawn(number, consumer).await;
                L::tell(&consumer, ToConsumer::Start(consumer.clone())).await;
                L::tell(&manager, ToManager::Ready(consumer.clone())).await;
                consumers.push(consumer);
            }
            let mut producers = Vec::new();
            for number in 0..PRODUCERS {
                let producer = Producer::<L> {
                    manager: manager.clone(),
                    me: None,
                    item: 0.0,
                    left: items,
                    cost,
                };
                let producer = L::spawn(number, producer).await;
                L::tell(&producer, ToProducer::Start(producer.clone())).await;
                producers.push(producer);
            }
            finished.await.expect("all items are consumed");
            // Before those whom it still tells to produce.
            L::stop(manager).await;
            for producer in producers {
                L::stop(producer).await;
            }
            for consumer in consumers {
                L::stop(consumer).await;
            }
        });
    }
}
