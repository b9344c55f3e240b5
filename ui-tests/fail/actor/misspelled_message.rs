use nimsync::prelude::*;

#[actor]
struct Counter;

#[actor]
impl Counter {
    pub fn increment(&mut self, by: i64) {
        let _ = by;
    }
}

async fn count(counter: CounterHandle) {
    counter.incremnt(1).tell().await.unwrap();
}

fn main() {}
