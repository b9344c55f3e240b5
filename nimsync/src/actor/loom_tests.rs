//! Models of the edges: a host that goes to sleep while messages, orders and
//! room come and go, and an asker that leaves while it is answered.

use super::behavior::Full;
use super::control::{Control, STOP};
use super::mailbox::{Inbox, Mailbox, Refused};
use super::message::Priority;
use super::name::Name;
use super::reply::{NoReply, ask};
use crate::prim::model::{self, Bell};
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

fn mailbox(room: usize) -> Arc<Mailbox<u32>> {
    Arc::new(Mailbox::new(room, Full::Wait, false))
}

fn push(mailbox: &Mailbox<u32>, message: u32) {
    assert!(mailbox.push(message, Priority::Normal).is_ok());
}

/// Takes messages as a host does, asleep when there are none, until the mailbox is
/// closed or `most` were taken.
fn host(mailbox: &Mailbox<u32>, most: usize) -> Vec<u32> {
    let bell = Bell::new();
    let waker = bell.waker();
    let mut inbox = Inbox::new();
    let mut taken = Vec::new();
    while taken.len() < most {
        match inbox.poll_next(mailbox, &mut Context::from_waker(&waker)) {
            Poll::Ready(Some(message)) => taken.push(message),
            Poll::Ready(None) => break,
            Poll::Pending => bell.wait(),
        }
    }
    taken
}

/// Places a message as a task does; whether it was accepted.
fn place(mailbox: &Mailbox<u32>, message: u32) -> bool {
    let bell = Bell::new();
    let waker = bell.waker();
    let mut placing = pin!(mailbox.place(message, Priority::Normal));
    loop {
        match placing.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(placed) => return placed.is_ok(),
            Poll::Pending => bell.wait(),
        }
    }
}

/// The edge from empty to non-empty, against a host that goes to sleep.
#[test]
fn loom_a_message_wakes_a_host_that_goes_to_sleep() {
    model::check(|| {
        let mailbox = mailbox(4);
        let senders: Vec<_> = [10, 20]
            .into_iter()
            .map(|first| {
                let mailbox = mailbox.clone();
                thread::spawn(move || {
                    push(&mailbox, first);
                    push(&mailbox, first + 1);
                })
            })
            .collect();
        let taken = host(&mailbox, 4);
        for of in [10, 20] {
            let of: Vec<_> = taken.iter().filter(|m| *m / 10 * 10 == of).collect();
            assert!(of.is_sorted() && of.len() == 2, "first in, first out");
        }
        senders
            .into_iter()
            .for_each(|sender| sender.join().unwrap());
    });
}

/// A host that sleeps or not is told of an order, and a message before it is handled.
#[test]
fn loom_an_order_wakes_a_host_that_goes_to_sleep() {
    model::check(|| {
        let mailbox = mailbox(1);
        let control = Arc::new(Control::new(Name::Type("host"), None));
        let other = {
            let (mailbox, control) = (mailbox.clone(), control.clone());
            thread::spawn(move || {
                push(&mailbox, 1);
                control.order(STOP);
            })
        };
        let bell = Bell::new();
        let waker = bell.waker();
        control.watch_lane(&waker);
        let mut inbox = Inbox::new();
        let mut taken = 0;
        loop {
            if control.flags() & STOP != 0 {
                mailbox.close();
            }
            match inbox.poll_next(&mailbox, &mut Context::from_waker(&waker)) {
                Poll::Ready(Some(_)) => taken += 1,
                Poll::Ready(None) => break,
                Poll::Pending => bell.wait(),
            }
        }
        assert_eq!(taken, 1);
        other.join().unwrap();
    });
}

/// Senders without room are woken when there is some, batches or not.
#[test]
fn loom_room_wakes_those_who_wait_for_it() {
    for lanes in [false, true] {
        model::check_within(2, move || {
            let mailbox = Arc::new(Mailbox::new(1, Full::Wait, lanes));
            push(&mailbox, 0);
            let senders: Vec<_> = [1, 2]
                .into_iter()
                .map(|message| {
                    let mailbox = mailbox.clone();
                    thread::spawn(move || assert!(place(&mailbox, message)))
                })
                .collect();
            assert_eq!(host(&mailbox, 3).len(), 3);
            senders
                .into_iter()
                .for_each(|sender| sender.join().unwrap());
        });
    }
}

/// Room for a sender that has given up goes to the next one.
#[test]
fn loom_who_gives_up_passes_the_room_on() {
    model::check_within(2, || {
        let mailbox = mailbox(1);
        push(&mailbox, 0);
        let gives_up = {
            let mailbox = mailbox.clone();
            thread::spawn(move || {
                let bell = Bell::new();
                let waker = bell.waker();
                let mut placing = pin!(mailbox.place(1, Priority::Normal));
                placing
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_ready()
            })
        };
        let stays = {
            let mailbox = mailbox.clone();
            thread::spawn(move || assert!(place(&mailbox, 2)))
        };
        let mut inbox = Inbox::new();
        assert_eq!(inbox.next(&mailbox), Some(0));
        let placed = gives_up.join().unwrap();
        assert_eq!(
            host(&mailbox, 1 + usize::from(placed)).len(),
            1 + usize::from(placed)
        );
        stays.join().unwrap();
    });
}

/// A mailbox that closes has either accepted a message, which is taken, or not.
#[test]
fn loom_closing_tells_those_who_send() {
    model::check(|| {
        let mailbox = mailbox(1);
        let sender = {
            let mailbox = mailbox.clone();
            thread::spawn(move || {
                let first = match mailbox.push(1, Priority::Normal) {
                    Ok(_) => 1,
                    Err(Refused::Closed(1)) => 0,
                    Err(_) => panic!("there was room"),
                };
                first + usize::from(place(&mailbox, 2))
            })
        };
        mailbox.close();
        let taken = host(&mailbox, 9).len();
        assert_eq!(sender.join().unwrap(), taken);
    });
}

/// An asker gets its reply, or has given up before it; its cell may be used again
/// either way.
#[test]
fn loom_an_answer_meets_an_asker_that_leaves() {
    model::check(|| {
        let (mut question, answer) = ask::<Arc<()>>();
        let value = Arc::new(());
        let actor = {
            let value = value.clone();
            thread::spawn(move || drop(answer.settle(Ok(value))))
        };
        let bell = Bell::new();
        let waker = bell.waker();
        let _ = question
            .poll(&mut Context::from_waker(&waker))
            .map(|result| assert!(result.is_ok()));
        drop(question);
        // The same cell, if the answer has let go of it.
        let (mut next, answer) = ask::<Arc<()>>();
        let poll = next.poll(&mut Context::from_waker(&waker));
        assert!(poll.is_pending());
        actor.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1, "the reply is nowhere");
        assert!(answer.refuse(NoReply::Stopped));
        let poll = next.poll(&mut Context::from_waker(&waker));
        assert!(matches!(poll, Poll::Ready(Err(NoReply::Stopped))));
    });
}

/// An asker that waits is woken by its reply, though it changes its waker meanwhile.
#[test]
fn loom_an_answer_wakes_the_asker() {
    model::check(|| {
        let (mut question, answer) = ask::<u32>();
        let actor = thread::spawn(move || assert!(answer.settle(Ok(7)).is_ok()));
        let (first, bell) = (Bell::new(), Bell::new());
        let waker = first.waker();
        let mut poll = question.poll(&mut Context::from_waker(&waker));
        let waker = bell.waker();
        while poll.is_pending() {
            poll = question.poll(&mut Context::from_waker(&waker));
            if poll.is_pending() {
                bell.wait();
            }
        }
        assert!(matches!(poll, Poll::Ready(Ok(7))));
        actor.join().unwrap();
    });
}

/// A reply that is refused is so once, and a look at it never says the opposite.
#[test]
fn loom_a_watch_sees_when_a_reply_is_there() {
    model::check(|| {
        let (question, answer) = ask::<u32>();
        // SAFETY: the question outlives its use.
        let watch = unsafe { question.watch() };
        let actor = thread::spawn(move || drop(answer));
        // SAFETY: the question is there.
        let before = unsafe { watch.is_open() };
        actor.join().unwrap();
        // SAFETY: as above.
        assert!(!unsafe { watch.is_open() }, "after {before}");
    });
}
