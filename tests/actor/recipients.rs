//! One message type for many actors.

use nimsync::TellError;
use nimsync::actor::testing::Probe;
use nimsync::actor::{Accepts, Addr, Recipient, Topic};
use nimsync::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Price(u32);

#[actor(mailbox = 1)]
struct Slow {
    seen: Vec<u32>,
}

#[actor]
impl Slow {
    #[message]
    fn price(&mut self, price: Price) {
        self.seen.push(price.0);
    }

    pub async fn nap(&mut self) {
        sleep(100.milliseconds()).await;
    }

    pub fn seen(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.seen)
    }
}

#[actor(mailbox = 1, full = reject)]
struct Strict {
    sum: u32,
}

#[actor]
impl Strict {
    #[message(accept)]
    fn add(&mut self, price: Price) -> Result<(), String> {
        self.sum += price.0;
        Ok(())
    }

    #[message]
    fn subtract(&mut self, price: Price) {
        self.sum -= price.0;
    }

    pub async fn nap(&mut self) {
        sleep(100.milliseconds()).await;
    }

    pub fn sum(&self) -> u32 {
        self.sum
    }
}

fn slow(system: &ActorSystem) -> SlowHandle {
    system.spawn(Slow { seen: Vec::new() })
}

#[nimsync::test(start_paused = true)]
async fn different_actors_are_told_the_same() {
    let system = ActorSystem::new();
    let (one, two) = (slow(&system), system.spawn(Strict { sum: 0 }));
    let all: Vec<Recipient<Price>> = vec![one.recipient(), two.recipient()];
    for recipient in &all {
        recipient.tell(Price(3)).await.unwrap();
    }
    assert_eq!(one.seen().await.unwrap(), [3]);
    nimsync::yield_now().await;
    assert_eq!(two.sum().await, Ok(3));
    assert_eq!(all[0].id(), one.id());
    assert_eq!(all[1].name(), "Strict");
    assert!(format!("{:?}", all[0]).contains("Slow"));
    system.stop().await.unwrap();
    assert!(!all[0].is_alive());
    assert_eq!(all[0].try_tell(Price(4)), Err(TellError::Stopped(Price(4))));
    assert_eq!(
        all[0].tell(Price(5)).await,
        Err(TellError::Stopped(Price(5)))
    );
}

#[nimsync::test(start_paused = true)]
async fn a_recipient_waits_for_room_or_is_refused() {
    let system = ActorSystem::new();
    let (one, two) = (slow(&system), system.spawn(Strict { sum: 0 }));
    one.nap().tell().await.unwrap();
    two.nap().tell().await.unwrap();
    nimsync::yield_now().await;
    let (first, second) = (one.recipient(), two.recipient());
    first.tell(Price(1)).await.unwrap();
    second.tell(Price(1)).await.unwrap();
    assert_eq!(first.try_tell(Price(2)), Err(TellError::Full(Price(2))));
    assert_eq!(second.tell(Price(2)).await, Err(TellError::Full(Price(2))));
    let begin = nimsync::now();
    first.tell(Price(2)).await.unwrap();
    assert_eq!(nimsync::now() - begin, 100.milliseconds());
    assert_eq!(one.seen().await.unwrap(), [1, 2]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_weak_recipient_keeps_nobody_alive() {
    let system = ActorSystem::new();
    let actor = slow(&system);
    let strong: Recipient<Price> = actor.recipient();
    let weak = strong.downgrade().clone();
    drop(actor);
    strong.tell(Price(1)).await.unwrap();
    weak.upgrade().unwrap().tell(Price(2)).await.unwrap();
    drop(strong);
    assert!(weak.upgrade().is_none());
    system.join().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_function_may_ask_for_any_actor_that_accepts() {
    async fn offer<A: Accepts<Price>>(to: &Addr<A>) {
        to.recipient().tell(Price(7)).await.unwrap();
    }
    let system = ActorSystem::new();
    let strict = system.spawn(Strict { sum: 0 });
    offer(&strict).await;
    nimsync::yield_now().await;
    assert_eq!(strict.sum().await, Ok(7));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_topic_waits_for_the_slow_and_skips_who_refuses() {
    let system = ActorSystem::new();
    let (patient, strict) = (slow(&system), system.spawn(Strict { sum: 0 }));
    let mut probe = Probe::new();
    let prices = Topic::new();
    prices.subscribe(patient.recipient());
    prices.subscribe(strict.recipient());
    prices.subscribe(probe.recipient());
    assert_eq!(prices.publish(Price(1)).await, 3);
    nimsync::yield_now().await;
    patient.nap().tell().await.unwrap();
    strict.nap().tell().await.unwrap();
    sleep(1.milliseconds()).await;
    assert_eq!(prices.try_publish(Price(2)), 3, "they have room for one");
    assert_eq!(prices.try_publish(Price(3)), 1, "the probe");
    let begin = nimsync::now();
    let publishing = prices.publish(Price(4));
    let (accepted, ()) = futures::join!(publishing, async {
        assert_eq!(probe.next().await, Price(1));
        probe.expect(Price(2)).await;
        probe.expect(Price(3)).await;
        probe.expect(Price(4)).await;
        assert_eq!(
            nimsync::now(),
            begin,
            "the others do not wait for the slow one"
        );
    });
    assert_eq!(accepted, 2);
    assert_eq!(nimsync::now() - begin, 99.milliseconds());
    assert_eq!(patient.seen().await.unwrap(), [1, 2, 4]);
    assert_eq!(strict.sum().await, Ok(3));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_topic_forgets_who_is_gone_and_knows_each_once() {
    let system = ActorSystem::new();
    let (one, two) = (slow(&system), slow(&system));
    let prices = Topic::<Price>::new();
    prices.subscribe(one.recipient());
    prices.subscribe(one.recipient());
    prices.clone().subscribe_weak(two.recipient().downgrade());
    assert_eq!(prices.len(), 2);
    assert_eq!(prices.publish(Price(1)).await, 2);
    assert_eq!(one.seen().await.unwrap(), [1]);
    two.stop().await;
    assert_eq!(prices.publish(Price(2)).await, 1);
    assert!(prices.unsubscribe(&one.recipient()));
    assert!(!prices.unsubscribe(&one.recipient()));
    assert!(prices.is_empty());
    assert_eq!(prices.publish(Price(3)).await, 0);
    assert_eq!(one.seen().await.unwrap(), [2]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_topic_keeps_its_subscribers_alive_unless_they_are_weak() {
    let system = ActorSystem::new();
    let prices = Topic::<Price>::new();
    let strong = slow(&system);
    let weak = slow(&system);
    prices.subscribe(strong.recipient());
    prices.subscribe_weak(weak.recipient().downgrade());
    let (strong_ended, weak_ended) = (strong.ended(), weak.ended());
    drop((strong, weak));
    assert!(matches!(weak_ended.await, StopReason::Unreachable));
    assert_eq!(prices.len(), 1);
    drop(prices);
    assert!(matches!(strong_ended.await, StopReason::Unreachable));
    system.join().await.unwrap();
}

#[actor]
struct Keeper<T> {
    kept: Vec<T>,
}

#[actor]
impl<T: Send + 'static> Keeper<T> {
    #[message]
    fn keep(&mut self, one: T) -> usize {
        self.kept.push(one);
        self.kept.len()
    }
}

#[nimsync::test]
async fn a_generic_actor_accepts_its_parameter() {
    let system = ActorSystem::new();
    let keeper = system.spawn(Keeper { kept: Vec::new() });
    keeper.recipient().tell("one").await.unwrap();
    assert_eq!(keeper.keep("two").await, Ok(2));
    system.stop().await.unwrap();
}
