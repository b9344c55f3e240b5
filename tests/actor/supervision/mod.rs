//! Supervisors: who is restarted, when, and what becomes of messages meanwhile.

mod declared;
mod failures;
mod lifetimes;
mod strategies;
mod windows;

use super::record::Record;
use nimsync::ActorId;
use nimsync::actor::{Lifetime, Strategy, Supervisor};
use nimsync::prelude::*;

#[actor(mailbox = 4, stop_within = "1s")]
struct Part {
    name: &'static str,
    record: Record,
    count: u32,
}

#[actor]
impl Part {
    pub fn count(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    pub fn fail(&mut self) -> Result<(), &'static str> {
        Err("as told")
    }

    pub fn panic(&mut self) {
        panic!("as told")
    }

    pub async fn nap(&mut self, ms: u64) {
        sleep(ms.milliseconds()).await;
    }

    pub fn leave(&mut self, cx: &mut Cx<Self>) {
        cx.stop();
    }

    #[on_start]
    fn up(&mut self) {
        self.record.note(format!("{} up", self.name));
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        let why = match why {
            StopReason::Failed(_) => "failed".to_owned(),
            why => why.to_string(),
        };
        self.record.note(format!("{} {why}", self.name));
    }

    #[on_exit]
    fn gone(&mut self, _id: ActorId, why: StopReason) {
        self.record.note(format!("{} hears: {why}", self.name));
    }
}

fn part(
    supervisor: &mut Supervisor<'_>,
    lifetime: Lifetime,
    name: &'static str,
    record: &Record,
) -> PartHandle {
    let record = record.clone();
    supervisor.named_child(name, lifetime, move || {
        let record = record.clone();
        async move {
            Ok(Part {
                name,
                record,
                count: 0,
            })
        }
    })
}

/// Three permanent children, running.
async fn three(system: &ActorSystem, strategy: Strategy, record: &Record) -> [PartHandle; 3] {
    let mut supervisor = system.supervisor(strategy);
    let parts =
        ["a", "b", "c"].map(|name| part(&mut supervisor, Lifetime::Permanent, name, record));
    supervisor.start().await.unwrap();
    assert_eq!(record.take(), ["a up", "b up", "c up"]);
    parts
}

const RESTARTED: &str = "restarted with another actor";
