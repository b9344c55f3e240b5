use nimsync::prelude::*;

#[actor]
struct Counter;

#[actor]
impl Counter {
    pub fn increment(&mut self) {}
}

#[actor]
impl Counter {
    pub fn decrement(&mut self) {}
}

fn main() {}
