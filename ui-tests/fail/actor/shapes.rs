use nimsync::prelude::*;

#[actor]
enum Kind {
    A,
}

#[actor]
struct Counter;

#[actor]
impl Clone for Counter {
    fn clone(&self) -> Self {
        Self
    }
}

#[actor]
impl Counter {
    pub fn new() -> Self {
        Self
    }

    pub fn finish(self) {}

    pub fn rename(&mut self, name: &str) {
        let _ = name;
    }

    pub fn put<T: Send>(&mut self, value: T) {
        let _ = value;
    }

    pub fn each(&mut self, call: impl Fn()) {
        call();
    }

    pub fn pair(&mut self, (a, b): (u8, u8)) {
        let _ = (a, b);
    }

    pub fn stop(&mut self) {}

    #[mesage]
    fn tick(&mut self) {}
}

fn main() {}
