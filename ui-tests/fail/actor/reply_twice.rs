use nimsync::actor::Reply;
use nimsync::prelude::*;

#[actor]
struct Desk;

#[actor]
impl Desk {
    pub fn twice(&mut self, reply: Reply<u32>) {
        reply.send(1);
        reply.send(2);
    }

    pub fn wrong(&mut self, reply: Reply<u32>) {
        reply.send("one");
    }
}

async fn ask(desk: DeskHandle) -> u64 {
    desk.twice().await.unwrap()
}

fn main() {}
