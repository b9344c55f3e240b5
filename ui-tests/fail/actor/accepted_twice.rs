use nimsync::prelude::*;

type Name = String;

#[actor]
struct Counter;

#[actor]
impl Counter {
    #[message]
    fn one(&mut self, name: String) {
        let _ = name;
    }

    #[message]
    fn two(&mut self, name: Name) {
        let _ = name;
    }
}

fn main() {}
