//! Telling, asking, and what callers are told.

use nimsync::prelude::*;
use nimsync::{CallError, TellError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, PartialEq)]
struct Underflow;

#[actor(mailbox = 2)]
struct Counter {
    n: i64,
}

#[actor]
impl Counter {
    pub fn increment(&mut self, by: i64) {
        self.n += by;
    }

    pub fn decrement(&mut self, by: i64) -> Result<i64, Underflow> {
        if by > self.n {
            return Err(Underflow);
        }
        self.n -= by;
        Ok(self.n)
    }

    pub async fn get(&self) -> i64 {
        self.n
    }

    pub async fn nap(&mut self, ms: u64) -> u64 {
        self.rest(ms).await;
        ms
    }

    #[message]
    fn reset(&mut self, cx: &mut Cx<Self>) -> String {
        self.n = 0;
        cx.name().to_owned()
    }

    async fn rest(&self, ms: u64) {
        sleep(ms.milliseconds()).await;
    }
}

#[nimsync::test]
async fn two_increments_a_decrement_and_a_get() {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { n: 0 });
    counter.increment(5).tell().await.unwrap();
    counter.increment(2).await.unwrap();
    assert_eq!(counter.decrement(3).await, Ok(4));
    assert_eq!(
        counter.decrement(9).await,
        Err(CallError::Handler(Underflow))
    );
    assert_eq!(counter.get().await, Ok(4));
    assert_eq!(counter.reset().await.unwrap(), "Counter");
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_full_mailbox_hands_the_arguments_back() {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { n: 0 });
    counter.nap(10).try_tell().unwrap();
    nimsync::yield_now().await;
    counter.increment(1).try_tell().unwrap();
    counter.increment(2).try_tell().unwrap();
    let refused = counter.increment(3).try_tell().unwrap_err();
    assert!(refused.is_full());
    assert_eq!(refused.into_args(), (3,));
    counter.increment(3).tell().await.unwrap();
    assert_eq!(counter.get().await, Ok(6));
    system.stop().await.unwrap();
    assert_eq!(
        counter.increment(4).try_tell(),
        Err(TellError::Stopped((4,)))
    );
    assert_eq!(
        counter.increment(4).tell().await,
        Err(TellError::Stopped((4,)))
    );
    assert_eq!(counter.get().await, Err(CallError::Stopped));
}

#[nimsync::test(start_paused = true)]
async fn an_ask_has_a_time_limit_and_its_message_is_handled_all_the_same() {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { n: 0 });
    let begin = nimsync::now();
    let slow = counter.nap(500).timeout(20.milliseconds()).await;
    assert_eq!(slow, Err(CallError::Timeout));
    assert_eq!(nimsync::now() - begin, 20.milliseconds());
    assert_eq!(
        counter.nap(1).timeout(1.seconds()).await,
        Ok(1),
        "behind the first"
    );
    assert_eq!(nimsync::now() - begin, 501.milliseconds());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn an_ask_that_is_given_up_while_it_waits_for_room_has_sent_nothing() {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { n: 0 });
    counter.nap(100).try_tell().unwrap();
    nimsync::yield_now().await;
    counter.increment(1).try_tell().unwrap();
    counter.increment(1).try_tell().unwrap();
    let refused = counter.increment(40).timeout(10.milliseconds()).await;
    assert_eq!(refused, Err(CallError::Timeout));
    assert_eq!(counter.get().await, Ok(2));
    system.stop().await.unwrap();
}

#[nimsync::test]
async fn a_call_that_is_not_awaited_sends_nothing() {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { n: 0 });
    drop(counter.increment(1));
    assert_eq!(counter.get().await, Ok(0));
    system.stop().await.unwrap();
}

#[nimsync::test]
async fn handles_are_equal_if_their_actors_are() {
    let system = ActorSystem::new();
    let one = system.spawn(Counter { n: 0 });
    let two = system.spawn(Counter { n: 0 });
    let set = std::collections::HashSet::from([one.clone(), two.clone(), one.clone()]);
    assert_eq!(set.len(), 2);
    assert_ne!(one, two);
    assert_ne!(one.id(), two.id());
    assert!(format!("{one:?}").contains("Counter"));
    system.stop().await.unwrap();
}

#[actor(mailbox = 1, full = reject)]
struct Rejecting;

#[actor]
impl Rejecting {
    pub async fn nap(&self) {
        sleep(1.seconds()).await;
    }
}

#[nimsync::test(start_paused = true)]
async fn a_mailbox_that_rejects_does_not_keep_senders_waiting() {
    let system = ActorSystem::new();
    let actor = system.spawn(Rejecting);
    actor.nap().tell().await.unwrap();
    nimsync::yield_now().await;
    actor.nap().tell().await.unwrap();
    assert_eq!(actor.nap().tell().await, Err(TellError::Full(())));
    assert_eq!(actor.nap().await, Err(CallError::MailboxFull));
    system.stop().await.unwrap();
}

#[actor(mailbox = 1, full = drop_newest)]
struct Dropping;

#[actor]
impl Dropping {
    pub async fn nap(&self) {
        sleep(1.seconds()).await;
    }
}

#[nimsync::test(start_paused = true)]
async fn what_is_dropped_for_want_of_room_is_reported() {
    let reported = Arc::new(AtomicUsize::new(0));
    let count = reported.clone();
    let system = ActorSystem::new().on_undelivered(move |undelivered| {
        assert_eq!(undelivered.message, "nap");
        assert_eq!(&*undelivered.actor_name, "Dropping");
        count.fetch_add(1, Ordering::Relaxed);
    });
    let actor = system.spawn(Dropping);
    actor.nap().tell().await.unwrap();
    nimsync::yield_now().await;
    for _ in 0..4 {
        actor.nap().tell().await.unwrap();
    }
    assert_eq!(actor.nap().await, Err(CallError::MailboxFull));
    assert_eq!(
        reported.load(Ordering::Relaxed),
        3,
        "the asker was told himself"
    );
    system.stop().await.unwrap();
}

#[actor]
struct Cache<K, V>
where
    K: std::hash::Hash + Eq,
{
    map: std::collections::HashMap<K, V>,
}

#[actor]
impl<K, V> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + 'static,
    V: Clone + Send + 'static,
{
    pub fn put(&mut self, key: K, value: V) -> Option<V> {
        self.map.insert(key, value)
    }

    pub fn all(&self) -> Vec<V> {
        self.map.values().cloned().collect()
    }
}

#[nimsync::test]
async fn an_actor_may_be_generic() {
    let system = ActorSystem::new();
    let map = std::collections::HashMap::new();
    let cache = system.spawn(Cache { map });
    assert_eq!(cache.put("a", 1).await, Ok(None));
    assert_eq!(cache.put("a", 2).await, Ok(Some(1)));
    assert_eq!(cache.all().await, Ok(vec![2]));
    system.stop().await.unwrap();
}

#[nimsync::test]
async fn asks_compose_with_the_combinators_of_futures() {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { n: 3 });
    let (a, b) = futures::join!(counter.get(), counter.decrement(1));
    assert_eq!((a, b), (Ok(3), Ok(2)));
    system.stop().await.unwrap();
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn messages_of_one_sender_are_handled_in_order() {
    #[actor(mailbox = 4)]
    struct Log {
        seen: Vec<(usize, usize)>,
    }

    #[actor]
    impl Log {
        pub fn line(&mut self, sender: usize, number: usize) {
            self.seen.push((sender, number));
        }

        pub fn seen(&self) -> Vec<(usize, usize)> {
            self.seen.clone()
        }
    }

    let system = ActorSystem::new();
    let log = system.spawn(Log { seen: Vec::new() });
    task_group!(|g| {
        for sender in 0..8 {
            let log = log.clone();
            g.spawn(async move {
                for number in 0..200 {
                    log.line(sender, number).tell().await?;
                }
            });
        }
    })
    .await
    .unwrap();
    let seen = log.seen().await.unwrap();
    for sender in 0..8 {
        let numbers: Vec<_> = seen.iter().filter(|line| line.0 == sender).collect();
        assert!(numbers.iter().map(|line| line.1).eq(0..200));
    }
    system.stop().await.unwrap();
}
