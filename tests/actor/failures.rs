//! Panics, and errors that nobody asked for.

use futures::FutureExt;
use nimsync::CallError;
use nimsync::actor::Messages;
use nimsync::prelude::*;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

#[actor]
struct Fragile {
    why: Arc<Mutex<Option<String>>>,
    ready: bool,
}

#[actor]
impl Fragile {
    pub fn panic(&mut self) -> u32 {
        panic!("broken")
    }

    pub async fn panic_later(&mut self) -> u32 {
        sleep(10.milliseconds()).await;
        panic!("broken later")
    }

    pub fn fail(&mut self) -> Result<(), String> {
        Err("no luck".to_owned())
    }

    #[on_start]
    async fn up(&mut self) -> Result<(), std::io::Error> {
        if self.ready {
            Ok(())
        } else {
            Err(std::io::Error::other("not ready"))
        }
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        *self.why.lock().unwrap() = Some(why.to_string());
    }
}

#[actor]
struct Bystander;

#[actor]
impl Bystander {
    pub async fn nap(&self) {
        sleep(1.minutes()).await;
    }
}

fn fragile() -> (Fragile, Arc<Mutex<Option<String>>>) {
    let why = Arc::<Mutex<Option<String>>>::default();
    let actor = Fragile {
        why: why.clone(),
        ready: true,
    };
    (actor, why)
}

#[nimsync::test(start_paused = true)]
async fn a_panic_fails_the_system_and_the_asker_learns_the_cause() {
    let system = ActorSystem::new();
    let (actor, why) = fragile();
    let actor = system.spawn(actor);
    let bystander = system.spawn(Bystander);
    bystander.nap().tell().await.unwrap();
    match actor.panic().await {
        Err(CallError::Panicked(cause)) => assert_eq!(cause.message(), "broken"),
        other => panic!("{other:?}"),
    }
    let StopReason::Failed(failure) = actor.ended().await else {
        panic!("it failed");
    };
    assert_eq!(failure.during(), "panic");
    assert_eq!(failure.actor(), actor.id());
    assert!(matches!(bystander.ended().await, StopReason::Cancelled(_)));
    let payload = AssertUnwindSafe(system.stop()).catch_unwind().await;
    assert_eq!(
        payload.unwrap_err().downcast_ref::<&str>(),
        Some(&"broken"),
        "the payload goes on"
    );
    let why = why.lock().unwrap().clone();
    assert_eq!(
        why.as_deref(),
        Some("actor `Fragile` panicked in `panic`: broken")
    );
}

#[nimsync::test(start_paused = true)]
async fn a_panic_after_a_wait_is_told_as_well() {
    let system = ActorSystem::new();
    let actor = system.spawn(fragile().0);
    match actor.panic_later().await {
        Err(CallError::Panicked(cause)) => assert_eq!(cause.message(), "broken later"),
        other => panic!("{other:?}"),
    }
    let payload = AssertUnwindSafe(system.stop()).catch_unwind().await;
    payload.unwrap_err();
}

#[nimsync::test(start_paused = true)]
async fn an_error_is_the_askers_and_a_failure_if_nobody_asked() {
    let system = ActorSystem::new();
    let (actor, why) = fragile();
    let actor = system.spawn(actor);
    assert_eq!(
        actor.fail().await,
        Err(CallError::Handler("no luck".to_owned()))
    );
    assert!(actor.is_alive());
    actor.fail().tell().await.unwrap();
    actor.ended().await;
    let error = system.stop().await.unwrap_err();
    assert!(error.to_string().contains("no luck"), "{error}");
    let why = why.lock().unwrap().clone();
    assert_eq!(
        why.as_deref(),
        Some("actor `Fragile` failed in `fail`: no luck")
    );
}

#[nimsync::test(start_paused = true)]
async fn a_failing_start_fails_the_actor_and_refuses_what_waits() {
    let system = ActorSystem::new();
    let (mut actor, why) = fragile();
    actor.ready = false;
    let actor = system.spawn(actor);
    assert_eq!(actor.panic().await, Err(CallError::Stopped));
    system.stop().await.unwrap_err();
    let why = why.lock().unwrap().clone();
    assert_eq!(
        why.as_deref(),
        Some("actor `Fragile` failed in `on_start`: not ready")
    );
}

#[nimsync::test(start_paused = true)]
async fn an_error_without_a_text_is_named_by_its_type() {
    struct Mute;

    #[actor]
    struct Silent;

    #[actor]
    impl Silent {
        pub fn fail(&self) -> Result<u8, Mute> {
            Err(Mute)
        }
    }

    fn has_messages<A: Messages>(_: &A) {}

    has_messages(&Silent);
    let system = ActorSystem::new();
    let actor = system.spawn(Silent);
    actor.fail().tell().await.unwrap();
    let error = system.join().await.unwrap_err();
    assert!(
        error.to_string().contains("failed in `fail`: Mute"),
        "{error}"
    );
}
