use nimsync::prelude::*;
use std::rc::Rc;

#[actor]
struct Counter {
    name: String,
    shared: Rc<i64>,
}

#[actor]
impl Counter {
    pub async fn get(&self) -> i64 {
        *self.shared
    }
}

fn main() {
    let system = ActorSystem::new();
    let (name, shared) = (String::new(), Rc::new(1));
    let _ = system.spawn(Counter { name, shared }).get();
}
