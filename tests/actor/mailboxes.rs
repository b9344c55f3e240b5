//! What a mailbox accepts, and in which order it is handled.

use nimsync::prelude::*;
use nimsync::{CallError, StopReason, TellError};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What was handled.
type Log = Arc<Mutex<Vec<u32>>>;

fn log() -> Log {
    Log::default()
}

/// Declares an actor that notes what it is told, and sleeps where it is asked to.
macro_rules! notes {
    ($Name:ident($($options:tt)*)) => {
        #[actor($($options)*)]
        struct $Name(Log);

        #[actor]
        impl $Name {
            pub fn note(&mut self, n: u32) -> u32 {
                self.0.lock().unwrap().push(n);
                n
            }

            pub async fn nap(&mut self) {
                sleep(1.seconds()).await;
            }
        }
    };
}

notes!(Four(mailbox = 4));

#[nimsync::test(start_paused = true)]
async fn a_mailbox_holds_as_many_messages_as_it_says() {
    let log = log();
    let system = ActorSystem::new();
    let four = system.spawn(Four(log.clone()));
    for round in 0..3 {
        four.nap().tell().await.unwrap();
        nimsync::yield_now().await;
        let sent = (0..9).take_while(|n| four.note(round * 10 + n).try_tell().is_ok());
        assert_eq!(sent.count(), 4);
        sleep(2.seconds()).await;
    }
    system.stop().await.unwrap();
    let expected = [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23];
    assert_eq!(*log.lock().unwrap(), expected);
}

/// While it handles a message of a burst, those behind it still count.
#[nimsync::test(start_paused = true)]
async fn the_bound_holds_in_the_middle_of_a_burst() {
    let system = ActorSystem::new();
    let four = system.spawn(Four(log()));
    for n in 0..4 {
        match n {
            1 => four.nap().try_tell().unwrap(),
            _ => four.note(n).try_tell().unwrap(),
        }
    }
    nimsync::yield_now().await;
    // It sleeps in the second, and two more wait.
    assert!(four.note(9).try_tell().is_ok());
    assert!(four.note(9).try_tell().is_ok());
    assert_eq!(four.note(9).try_tell(), Err(TellError::Full((9,))));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn who_waits_for_room_gets_it() {
    let log = log();
    let system = ActorSystem::new();
    let four = system.spawn(Four(log.clone()));
    four.nap().tell().await.unwrap();
    nimsync::yield_now().await;
    (0..4).for_each(|n| four.note(n).try_tell().unwrap());
    task_group!(|g| {
        for n in 4..20 {
            let four = four.clone();
            g.spawn(async move { four.note(n).tell().await.unwrap() });
        }
        // Gives up its turn, which is no loss to the others.
        let four = four.clone();
        let late = g.spawn(async move { four.note(99).tell().await.unwrap() });
        nimsync::yield_now().await;
        late.cancel();
    })
    .await
    .unwrap();
    system.stop().await.unwrap();
    let mut log = log.lock().unwrap();
    log.sort_unstable();
    assert_eq!(*log, (0..20).collect::<Vec<_>>());
}

notes!(Newest(mailbox = 2, full = drop_oldest));

#[nimsync::test(start_paused = true)]
async fn the_oldest_goes_for_the_newest() {
    let (log, reported) = (log(), Arc::new(AtomicUsize::new(0)));
    let count = reported.clone();
    let system = ActorSystem::new().on_undelivered(move |undelivered| {
        assert_eq!(undelivered.message, "note");
        count.fetch_add(1, Ordering::Relaxed);
    });
    let newest = system.spawn(Newest(log.clone()));
    newest.nap().tell().await.unwrap();
    nimsync::yield_now().await;
    let asked = task_group!(|g| {
        let asker = newest.clone();
        let asked = g.spawn(async move { Some(asker.note(0).await) });
        nimsync::yield_now().await;
        for n in 1..=5 {
            newest.note(n).tell().await.unwrap();
        }
        asked.await
    })
    .await
    .unwrap();
    assert_eq!(asked, Some(Err(CallError::MailboxFull)));
    system.stop().await.unwrap();
    assert_eq!(*log.lock().unwrap(), [4, 5]);
    assert_eq!(reported.load(Ordering::Relaxed), 3, "the asker was told");
}

notes!(Fragile(mailbox = 2, full = stop));

#[nimsync::test(start_paused = true)]
async fn an_actor_that_is_to_stop_when_it_is_full_does() {
    let log = log();
    let system = ActorSystem::new();
    let fragile = system.spawn(Fragile(log.clone()));
    fragile.nap().tell().await.unwrap();
    nimsync::yield_now().await;
    fragile.note(1).tell().await.unwrap();
    fragile.note(2).tell().await.unwrap();
    assert_eq!(fragile.note(3).tell().await, Err(TellError::Full((3,))));
    assert!(matches!(fragile.ended().await, StopReason::Overflowed));
    assert_eq!(fragile.note(4).await, Err(CallError::Stopped));
    assert_eq!(*log.lock().unwrap(), [1, 2], "what was in was handled");
    system.stop().await.unwrap();
}

notes!(Endless(mailbox = unbounded));

#[nimsync::test]
async fn an_unbounded_mailbox_takes_all() {
    let log = log();
    let system = ActorSystem::new();
    let endless = system.spawn(Endless(log.clone()));
    for n in 0..10_000 {
        endless.note(n).try_tell().unwrap();
    }
    // Telling it lets others run all the same.
    for n in 10_000..20_000 {
        endless.note(n).tell().await.unwrap();
    }
    assert!(!log.lock().unwrap().is_empty(), "it was let run in between");
    system.stop().await.unwrap();
    assert_eq!(*log.lock().unwrap(), (0..20_000).collect::<Vec<_>>());
}

/// Many senders on two workers: nothing is lost, and each sender's own order holds.
#[nimsync::test(flavor = "threads", workers = 2)]
async fn each_sender_keeps_its_order() {
    for round in 0..20 {
        let log = log();
        let system = ActorSystem::new();
        let four = system.spawn(Four(log.clone()));
        task_group!(|g| {
            for sender in 0..6 {
                let four = four.clone();
                let mut random = fastrand::Rng::with_seed(round * 100 + u64::from(sender));
                g.spawn(async move {
                    for n in 0..200 {
                        let n = sender * 1000 + n;
                        match random.u8(..3) {
                            0 => four.note(n).tell().await.unwrap(),
                            1 => assert_eq!(four.note(n).await, Ok(n)),
                            _ => {
                                while four.note(n).try_tell().is_err() {
                                    nimsync::yield_now().await;
                                }
                            }
                        }
                    }
                });
            }
        })
        .await
        .unwrap();
        system.stop().await.unwrap();
        let log = log.lock().unwrap();
        for sender in 0..6 {
            let mine = log.iter().copied().filter(|n| n / 1000 == sender);
            assert!(mine.eq((0..200).map(|n| sender * 1000 + n)));
        }
        assert_eq!(log.len(), 1200);
    }
}

#[actor(mailbox = 2)]
struct Lanes(Log);

#[actor]
impl Lanes {
    #[message(priority = low)]
    pub fn later(&mut self, n: u32) {
        self.0.lock().unwrap().push(n);
    }

    pub fn note(&mut self, n: u32) {
        self.0.lock().unwrap().push(n);
    }

    #[message(priority = high)]
    pub fn first(&mut self, n: u32) {
        self.0.lock().unwrap().push(n);
    }

    pub async fn nap(&mut self) {
        sleep(1.seconds()).await;
    }
}

#[nimsync::test(start_paused = true)]
async fn a_higher_priority_goes_first() {
    let log = log();
    let system = ActorSystem::new();
    let lanes = system.spawn(Lanes(log.clone()));
    lanes.nap().tell().await.unwrap();
    nimsync::yield_now().await;
    for n in 0..3 {
        // Each priority has its own room.
        let room = n < 2;
        assert_eq!(lanes.later(n).try_tell().is_ok(), room);
        assert_eq!(lanes.note(10 + n).try_tell().is_ok(), room);
        assert_eq!(lanes.first(20 + n).try_tell().is_ok(), room);
    }
    task_group!(|g| {
        let lanes = lanes.clone();
        g.spawn(async move { lanes.later(2).tell().await.unwrap() });
    })
    .await
    .unwrap();
    system.stop().await.unwrap();
    assert_eq!(*log.lock().unwrap(), [20, 21, 10, 11, 0, 1, 2]);
}
