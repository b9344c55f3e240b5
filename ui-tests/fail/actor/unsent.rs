#![deny(unused_must_use)]

use nimsync::prelude::*;

#[actor]
struct Counter;

#[actor]
impl Counter {
    pub fn increment(&mut self) {}
}

async fn count(counter: CounterHandle) {
    counter.increment();
}

fn main() {}
