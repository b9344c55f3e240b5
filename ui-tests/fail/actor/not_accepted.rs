use nimsync::actor::{Recipient, Topic};
use nimsync::prelude::*;

#[actor]
struct Counter;

#[actor]
impl Counter {
    #[message]
    fn add(&mut self, by: i64) {
        let _ = by;
    }

    #[message]
    fn one(&mut self, name: String) {
        let _ = name;
    }

    #[message]
    fn two(&mut self, name: String) {
        let _ = name;
    }
}

fn subscribe(counter: &CounterHandle, topic: &Topic<String>) -> Recipient<u8> {
    topic.subscribe(counter.recipient());
    counter.recipient()
}

fn main() {}
