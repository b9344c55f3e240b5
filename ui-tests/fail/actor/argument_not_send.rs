use nimsync::prelude::*;
use std::rc::Rc;

#[actor]
struct Counter;

#[actor]
impl Counter {
    pub fn good(&mut self, by: i64) {
        let _ = by;
    }

    pub fn put(&mut self, by: i64, value: Rc<i64>) {
        let _ = (by, value);
    }
}

fn main() {
    let system = ActorSystem::new();
    system.spawn(Counter).good(1);
}
