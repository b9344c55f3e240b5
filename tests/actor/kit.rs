//! The test kit: an actor without a runtime, and probes.

use nimsync::actor::Recipient;
use nimsync::actor::testing::{Probe, TestActor};
use nimsync::prelude::*;
use nimsync::{ActorId, CallError, TellError};

#[derive(Debug)]
#[actor]
struct Meter {
    sum: u32,
    to: Recipient<u32>,
    gone: Vec<ActorId>,
    said: Vec<String>,
}

#[actor]
impl Meter {
    #[on_start]
    fn up(&mut self, cx: &mut Cx<Self>) -> Result<(), String> {
        cx.handle().add(1).try_tell().map_err(|e| e.to_string())
    }

    pub fn add(&mut self, n: u32) {
        self.sum += n;
        let _ = self.to.try_tell(self.sum);
    }

    pub async fn take(&mut self, n: u32, cx: &mut Cx<Self>) -> Result<u32, String> {
        nimsync::yield_now().await;
        self.sum = self.sum.checked_sub(n).ok_or("too little")?;
        if self.sum == 0 {
            cx.stop();
        }
        Ok(self.sum)
    }

    #[message(concurrent)]
    pub async fn sum(&self) -> u32 {
        self.sum
    }

    pub fn later(&mut self, cx: &mut Cx<Self>) -> nimsync::actor::Timer {
        cx.handle().add(100).after(3.seconds());
        cx.handle().add(10).every(2.seconds())
    }

    pub fn fetch(&mut self, cx: &mut Cx<Self>) {
        cx.pipe(async { 1000 }, |me, n| me.add(n));
    }

    pub async fn nap(&mut self) {
        std::future::pending().await
    }

    #[every("1min")]
    fn reset(&mut self) {
        self.sum = 0;
    }

    #[on_exit]
    fn gone(&mut self, id: ActorId) {
        self.gone.push(id);
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        self.said.push(why.to_string());
    }
}

fn meter() -> (TestActor<Meter>, Probe<u32>) {
    let probe = Probe::new();
    let actor = TestActor::new(Meter {
        sum: 0,
        to: probe.recipient(),
        gone: Vec::new(),
        said: Vec::new(),
    });
    (actor, probe)
}

#[test]
fn messages_are_handled_one_by_one() {
    let (mut meter, mut probe) = meter();
    meter.start().unwrap();
    assert_eq!(meter.sum, 1, "it has told itself");
    meter.enqueue(|m| m.add(5));
    meter.enqueue(|m| m.add(6));
    assert_eq!(meter.step(), Some("add"));
    assert_eq!(meter.state().sum, 6);
    assert_eq!(meter.run(), 1);
    assert_eq!(meter.step(), None);
    assert_eq!(meter.ask(|m| m.sum()), Ok(12));
    assert_eq!(probe.drain(), [1, 6, 12]);
    meter.state_mut().sum = 3;
    assert_eq!(meter.ask(|m| m.take(1)), Ok(2));
    assert!(format!("{meter:?}").contains("sum: 2"));
}

#[test]
fn errors_come_back_or_are_failures() {
    let (mut meter, _probe) = meter();
    assert_eq!(
        meter.ask(|m| m.take(1)),
        Err(CallError::Handler("too little".to_owned()))
    );
    assert_eq!(meter.failure(), None);
    meter.tell(|m| m.take(1));
    assert_eq!(meter.failure(), Some("too little"));
}

#[test]
fn a_stop_and_hooks_are_seen() {
    let (mut meter, probe) = meter();
    meter.tell(|m| m.add(2));
    assert!(!meter.is_stopping());
    assert_eq!(meter.ask(|m| m.take(2)), Ok(0));
    assert!(meter.is_stopping());
    let id = probe.recipient().id();
    meter.exit(id, StopReason::Killed);
    assert_eq!(meter.gone, [id]);
    meter.stop(StopReason::Stopped);
    assert_eq!(meter.said, ["stopped"]);
}

#[test]
fn time_passes_by_hand() {
    let (mut meter, mut probe) = meter();
    assert_eq!(meter.timers(), [60.seconds()]);
    let timer = meter.ask(|m| m.later()).unwrap();
    assert_eq!(meter.timers(), [2.seconds(), 3.seconds(), 60.seconds()]);
    meter.advance(2500.milliseconds());
    assert_eq!(probe.drain(), [10]);
    assert_eq!(meter.timers()[0], 500.milliseconds());
    meter.advance(2.seconds());
    assert_eq!(probe.drain(), [110, 120]);
    timer.cancel();
    meter.advance(55.seconds());
    assert_eq!(meter.sum, 120);
    meter.advance(1.seconds());
    assert_eq!(meter.sum, 0);
    assert_eq!(probe.try_next(), None);
    assert_eq!(meter.timers(), [59500.milliseconds()]);
}

#[test]
fn what_is_waited_for_elsewhere_is_handled() {
    let (mut meter, mut probe) = meter();
    meter.enqueue(|m| m.fetch());
    assert_eq!(meter.step(), Some("fetch"));
    assert_eq!(meter.pipes(), 1);
    assert_eq!(meter.step(), Some("pipe"));
    assert_eq!(meter.pipes(), 0);
    assert_eq!(probe.try_next(), Some(1000));
}

#[test]
#[should_panic(expected = "`nap` waits")]
fn a_handler_that_waits_is_told_to_take_a_runtime() {
    let (mut meter, _probe) = meter();
    meter.tell(|m| m.nap());
}

#[nimsync::test(start_paused = true)]
async fn a_probe_waits_and_refuses_when_it_is_gone() {
    let mut probe = Probe::new();
    let to = probe.recipient();
    let weak = probe.weak_recipient();
    let begin = nimsync::now();
    probe.expect_none_for(1.minutes()).await;
    assert_eq!(nimsync::now() - begin, 1.minutes());
    weak.upgrade().unwrap().try_tell(1).unwrap();
    to.clone().tell(2).await.unwrap();
    probe.expect(1).await;
    assert_eq!(probe.next().await, 2);
    assert!(to.is_alive());
    drop(probe);
    assert!(!to.is_alive());
    assert_eq!(to.tell(3).await, Err(TellError::Stopped(3)));
    assert!(weak.upgrade().is_none());
}

#[nimsync::test(start_paused = true)]
#[should_panic(expected = "expected 2, and 1 came")]
async fn a_probe_says_what_it_expected() {
    let mut probe = Probe::new();
    probe.recipient().try_tell(1).unwrap();
    probe.expect(2).await;
}

#[nimsync::test(start_paused = true)]
#[should_panic(expected = "expected no message, and 1 came")]
async fn a_probe_says_what_it_did_not_expect() {
    let mut probe = Probe::new();
    probe.recipient().try_tell(1).unwrap();
    probe.expect_none_for(1.seconds()).await;
}
