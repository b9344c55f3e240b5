use nimsync::actor::{ActorId, Reply};
use nimsync::prelude::*;

#[actor]
struct Desk;

#[actor]
impl Desk {
    pub fn good(&mut self, n: u32, reply: Reply<u32>) {
        reply.send(n);
    }

    pub fn both(&mut self, reply: Reply<u32>) -> u32 {
        reply.send(1);
        2
    }

    pub fn not_last(&mut self, reply: Reply<u32>, n: u32) {
        reply.send(n);
    }

    pub fn two(&mut self, one: Reply<u32>, other: Reply<u32>) {
        one.send(1);
        other.send(2);
    }

    pub fn borrowed(&mut self, reply: &Reply<u32>) {
        let _ = reply;
    }

    pub fn borrows(&mut self, reply: Reply<&str>) {
        reply.send("text");
    }

    #[every("1s")]
    fn beat(&mut self, reply: Reply<()>) {
        reply.send(());
    }

    #[on_exit]
    fn gone(&mut self, (a, b): (u8, u8), why: StopReason, reply: Reply<ActorId>) {
        let _ = (a, b, why, reply);
    }
}

fn main() {}
