use nimsync::prelude::*;

#[actor]
struct Counter;

fn main() {
    let system = ActorSystem::new();
    system.spawn(Counter);
}
