//! Handlers that answer later, by a `Reply`.

use nimsync::CallError;
use nimsync::actor::testing::TestActor;
use nimsync::actor::{Lifetime, Reply, Strategy};
use nimsync::prelude::*;
use std::num::ParseIntError;

#[derive(Default)]
#[actor]
struct Desk {
    waiting: Vec<Reply<u32>>,
}

#[actor]
impl Desk {
    /// Answered by `call`.
    pub fn queue(&mut self, reply: Reply<u32>) {
        self.waiting.push(reply);
    }

    pub fn call(&mut self, number: u32) -> usize {
        let all = self.waiting.len();
        self.waiting.retain(Reply::is_wanted);
        let wanted = self.waiting.len();
        for reply in self.waiting.drain(..) {
            reply.send(number);
        }
        all - wanted
    }

    pub fn forget(&mut self) {
        self.waiting.clear();
    }

    pub async fn parse(&mut self, text: String, reply: Reply<Result<u32, ParseIntError>>) {
        nimsync::yield_now().await;
        reply.send(text.parse());
    }

    pub fn elsewhere(&mut self, n: u32, reply: Reply<u32>, cx: &mut Cx<Self>) {
        cx.pipe(sleep(5.milliseconds()), move |_, ()| reply.send(n + 1));
    }

    #[message(concurrent)]
    pub async fn beside(&self, reply: Reply<bool>) {
        let asked = reply.is_asked();
        reply.send(asked);
    }

    pub fn crash(&mut self, reply: Reply<u32>) {
        let _reply = reply;
        panic!("as told");
    }

    pub fn fail(&mut self) -> Result<(), &'static str> {
        Err("as told")
    }

    pub async fn hang(&mut self, reply: Reply<u32>) {
        std::future::pending::<()>().await;
        reply.send(1);
    }

    #[message]
    fn number(&mut self, n: u32, reply: Reply<u32>) {
        reply.send(n);
    }
}

#[nimsync::test]
async fn a_reply_may_come_after_other_messages() {
    let system = ActorSystem::new();
    let desk = system.spawn(Desk::default());
    let (one, two, late) = futures::join!(desk.queue(), desk.queue(), desk.call(7));
    assert_eq!((one, two, late), (Ok(7), Ok(7), Ok(0)));
    assert_eq!(desk.parse("5".into()).await, Ok(5));
    let refused = desk.parse("five".into()).await;
    assert!(matches!(refused, Err(CallError::Handler(_))), "{refused:?}");
    assert_eq!(desk.elsewhere(1).await, Ok(2));
    assert_eq!(desk.beside().await, Ok(true));
    desk.recipient::<u32>().tell(3).await.unwrap();
    system.stop().await.unwrap();
}

#[nimsync::test]
async fn nobody_waits_for_the_answer_to_a_tell() {
    let system = ActorSystem::new();
    let desk = system.spawn(Desk::default());
    desk.queue().tell().await.unwrap();
    desk.parse("five".into()).tell().await.unwrap();
    assert_eq!(desk.call(1).await, Ok(1), "it was not wanted");
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn an_asker_that_has_given_up_wants_no_answer() {
    let system = ActorSystem::new();
    let desk = system.spawn(Desk::default());
    let asked = desk.queue().timeout(1.seconds()).await;
    assert_eq!(asked, Err(CallError::Timeout));
    assert_eq!(desk.call(1).await, Ok(1));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_dropped_reply_tells_the_asker_why() {
    let system = ActorSystem::new();
    let desk = system.spawn(Desk::default());
    let (asked, _) = futures::join!(desk.queue(), desk.forget().tell());
    assert_eq!(asked, Err(CallError::Unanswered));
    assert_eq!(
        asked.unwrap_err().to_string(),
        "the actor has dropped the reply"
    );
    let (asked, _) = futures::join!(desk.queue(), async {
        nimsync::yield_now().await;
        desk.stop().await
    });
    assert_eq!(asked, Err(CallError::Stopped), "it went with the actor");
    let desk = system.spawn(Desk::default());
    let (asked, _) = futures::join!(desk.hang(), async {
        sleep(1.milliseconds()).await;
        desk.kill().await
    });
    assert_eq!(asked, Err(CallError::Stopped));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_restart_drops_replies_and_says_so() {
    let system = ActorSystem::new();
    let mut supervisor = system
        .supervisor(Strategy::OneForOne)
        .restarts(9, 1.seconds());
    let desk = supervisor.child(Lifetime::Permanent, || async { Ok(Desk::default()) });
    supervisor.start().await.unwrap();
    let (asked, _) = futures::join!(desk.queue(), desk.fail().tell());
    assert_eq!(asked, Err(CallError::Restarting));
    let (asked, crashed) = futures::join!(desk.queue(), desk.crash());
    assert_eq!(asked, Err(CallError::Restarting));
    assert!(
        matches!(&crashed, Err(CallError::Panicked(cause)) if cause.message() == "as told"),
        "{crashed:?}"
    );
    let (asked, _) = futures::join!(desk.hang(), async {
        sleep(1.milliseconds()).await;
        drop(desk.kill());
    });
    assert_eq!(asked, Err(CallError::Restarting));
    system.stop().await.unwrap();
}

/// Hands the reply of one of its messages to another actor.
#[actor]
struct Front {
    back: BackHandle,
}

#[actor]
struct Back;

struct Job {
    n: u32,
    reply: Reply<u32>,
}

#[actor]
impl Back {
    pub fn work(&mut self, job: Job) {
        job.reply.send(job.n * 2);
    }
}

#[actor]
impl Front {
    pub async fn double(&mut self, n: u32, reply: Reply<u32>) {
        self.back.work(Job { n, reply }).tell().await.unwrap();
    }
}

#[nimsync::test]
async fn another_actor_may_answer() {
    let system = ActorSystem::new();
    let front = system.spawn(Front {
        back: system.spawn(Back),
    });
    assert_eq!(front.double(4).await, Ok(8));
    system.stop().await.unwrap();
}

#[test]
fn a_test_actor_answers_later() {
    let mut desk = TestActor::new(Desk::default());
    desk.tell(|desk| desk.queue());
    assert_eq!(desk.waiting.len(), 1);
    assert_eq!(desk.ask(|desk| desk.call(1)), Ok(1));
    assert_eq!(desk.ask(|desk| desk.parse("9".into())), Ok(9));
}
