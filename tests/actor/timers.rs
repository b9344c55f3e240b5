//! Messages that actors send themselves.

use nimsync::prelude::*;
use std::time::Duration;

#[actor]
struct Clock {
    began: std::time::Instant,
    seen: Vec<(&'static str, u128)>,
}

impl Clock {
    fn new() -> Self {
        Self {
            began: nimsync::now(),
            seen: Vec::new(),
        }
    }
}

#[actor]
impl Clock {
    #[every("100ms")]
    fn beat(&mut self) {
        self.mark("beat");
    }

    pub fn mark(&mut self, what: &'static str) {
        self.seen
            .push((what, (nimsync::now() - self.began).as_millis()));
    }

    pub fn seen(&mut self) -> Vec<(&'static str, u128)> {
        std::mem::take(&mut self.seen)
    }

    pub async fn nap(&mut self, duration: Duration) {
        sleep(duration).await;
    }
}

#[nimsync::test(start_paused = true)]
async fn beats_come_at_intervals_and_missed_ones_are_left_out() {
    let system = ActorSystem::new();
    let clock = system.spawn(Clock::new());
    sleep(250.milliseconds()).await;
    assert_eq!(clock.seen().await.unwrap(), [("beat", 100), ("beat", 200)]);
    clock.nap(300.milliseconds()).await.unwrap();
    sleep(100.milliseconds()).await;
    assert_eq!(
        clock.seen().await.unwrap(),
        [("beat", 550), ("beat", 600)],
        "one for the three that were missed"
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_message_may_be_sent_later() {
    let system = ActorSystem::new();
    let clock = system.spawn(Clock::new());
    clock.mark("second").after(30.milliseconds());
    clock.mark("first").after(20.milliseconds());
    clock.mark("never").after(25.milliseconds()).cancel();
    clock.mark("with the first").after(20.milliseconds());
    sleep(50.milliseconds()).await;
    assert_eq!(
        clock.seen().await.unwrap(),
        [("first", 20), ("with the first", 20), ("second", 30)]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_message_may_be_sent_at_intervals_until_it_is_cancelled() {
    let system = ActorSystem::new();
    let clock = system.spawn(Clock::new());
    let timer = clock.mark("tick").every(20.milliseconds());
    sleep(50.milliseconds()).await;
    timer.cancel();
    sleep(40.milliseconds()).await;
    assert_eq!(clock.seen().await.unwrap(), [("tick", 20), ("tick", 40)]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn what_was_to_be_sent_later_does_not_keep_an_actor_from_its_end() {
    let system = ActorSystem::new();
    let clock = system.spawn(Clock::new());
    clock.mark("never").after(1.minutes());
    let begin = nimsync::now();
    drop(clock);
    system.join().await.unwrap();
    assert_eq!(nimsync::now(), begin);
}
