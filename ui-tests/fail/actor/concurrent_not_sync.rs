use nimsync::prelude::*;
use std::cell::Cell;

#[actor]
struct Counter {
    n: Cell<i64>,
}

#[actor]
impl Counter {
    #[message(concurrent)]
    pub async fn get(&self) -> i64 {
        self.n.get()
    }
}

fn main() {}
