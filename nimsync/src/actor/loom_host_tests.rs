//! Models of the host's edges beyond the mailbox: orders against a message in hand, and the last
//! handle against a message that gives out another.

use super::addr::{Addr, Core, Link, Posted};
use super::behavior::{Actor, ActorOptions, Messages};
use super::context::Cx;
use super::control::{KILL, STOP};
use super::host::Host;
use super::message::{Message, Refusal};
use super::name::Name;
use super::reply::{self, NoReply, Question, Reply};
use crate::prim::Lock;
use crate::prim::model::{self, Bell};
use loom::thread;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Where an actor leaves a handle of itself, and who is told of it.
#[derive(Clone)]
struct Slot {
    given: Arc<Lock<Option<Addr<Subject>>>>,
    bell: Arc<Bell>,
}

struct Subject(Option<Slot>);

enum Job {
    /// Waits once, so that an order may come while it is in hand.
    Work(Reply<u32>),
    Give,
}

impl Message for Job {
    fn name(&self) -> &'static str {
        "job"
    }

    fn refuse(self, why: Refusal) -> bool {
        match self {
            Self::Work(reply) => reply.refuse(why),
            Self::Give => false,
        }
    }
}

impl Actor for Subject {
    type Handle = Addr<Self>;

    fn handle(addr: Addr<Self>) -> Addr<Self> {
        addr
    }
}

impl Messages for Subject {
    type Message = Job;

    async fn dispatch(&mut self, message: Job, cx: &mut Cx<Self>) {
        match message {
            Job::Work(reply) => {
                wait_once().await;
                reply.send(1);
            }
            Job::Give => {
                if let Some(slot) = &self.0 {
                    *slot.given.lock() = Some(cx.handle());
                    slot.bell.waker().wake();
                }
            }
        }
    }
}

async fn wait_once() {
    let mut waited = false;
    poll_fn(|cx| match std::mem::replace(&mut waited, true) {
        true => Poll::Ready(()),
        false => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}

fn core() -> Arc<Core<Job>> {
    Core::new(ActorOptions::new(), Name::Type("subject"), None)
}

/// Runs a host as a task does.
fn run(core: Arc<Core<Job>>, subject: Subject) {
    let bell = Bell::new();
    let waker = bell.waker();
    core.control().watch_lane(&waker);
    let mut host = pin!(Host::new(core).live(subject));
    while host
        .as_mut()
        .poll(&mut Context::from_waker(&waker))
        .is_pending()
    {
        bell.wait();
    }
}

/// Posts a message and returns where its reply comes; nothing if it was refused.
fn ask(core: &Core<Job>) -> Option<Question<u32>> {
    let (question, answer) = reply::ask();
    match core.post(Job::Work(Reply::to(answer))) {
        Posted::Accepted => Some(question),
        Posted::Stopped(_) => None,
        Posted::NoRoom(_) | Posted::Full(_) => panic!("there was room"),
    }
}

/// What an asker is told in the end.
fn told(mut question: Question<u32>) -> Result<u32, NoReply> {
    match question.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(told) => told,
        Poll::Pending => panic!("the asker was told nothing"),
    }
}

/// A stop handles the message in hand, and each that was accepted.
#[test]
fn loom_a_stop_meets_a_message_in_hand() {
    model::check_within(2, || {
        let core = core();
        let in_hand = ask(&core).unwrap();
        let sender = {
            let core = core.clone();
            thread::spawn(move || ask(&core))
        };
        let other = {
            let core = core.clone();
            thread::spawn(move || core.control().order(STOP))
        };
        run(core.clone(), Subject(None));
        assert!(core.control().has_ended());
        assert!(matches!(told(in_hand), Ok(1)));
        if let Some(accepted) = sender.join().unwrap() {
            assert!(matches!(told(accepted), Ok(1)), "it was accepted");
        }
        other.join().unwrap();
    });
}

/// A kill cuts the message in hand or comes behind it; its asker, and each whose message was accepted, is
/// told one of the two.
#[test]
fn loom_a_kill_meets_a_message_in_hand() {
    model::check_within(2, || {
        let core = core();
        let in_hand = ask(&core).unwrap();
        let sender = {
            let core = core.clone();
            thread::spawn(move || ask(&core))
        };
        let other = {
            let core = core.clone();
            thread::spawn(move || core.control().order(KILL))
        };
        run(core.clone(), Subject(None));
        assert!(core.control().has_ended());
        let questions = [Some(in_hand), sender.join().unwrap()];
        for question in questions.into_iter().flatten() {
            assert!(matches!(told(question), Ok(1) | Err(NoReply::Stopped)));
        }
        other.join().unwrap();
    });
}

/// An actor whose last handle is dropped handles what waits before it ends, and if that gives out a
/// handle it goes on.
#[test]
fn loom_the_last_handle_goes_while_a_message_gives_out_another() {
    model::check_within(2, || {
        let core = core();
        let last = Addr::<Subject>::counted(core.clone());
        let slot = Slot {
            given: Arc::new(Lock::new(None)),
            bell: Bell::new(),
        };
        let dropper = thread::spawn(move || {
            assert!(matches!(last.core().post(Job::Give), Posted::Accepted));
            drop(last);
        });
        let user = {
            let slot = slot.clone();
            thread::spawn(move || {
                slot.bell.wait();
                let given = slot.given.lock().take().unwrap();
                ask(given.core()).expect("an actor with a handle takes messages")
            })
        };
        run(core, Subject(Some(slot)));
        dropper.join().unwrap();
        assert!(matches!(told(user.join().unwrap()), Ok(1)));
    });
}
