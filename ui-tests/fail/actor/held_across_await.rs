use nimsync::prelude::*;
use std::rc::Rc;

#[actor]
struct Counter;

#[actor]
impl Counter {
    pub async fn get(&mut self) -> i64 {
        let shared = Rc::new(1);
        sleep(1.seconds()).await;
        *shared
    }
}

fn main() {
    let system = ActorSystem::new();
    let _ = system.spawn(Counter).get();
}
