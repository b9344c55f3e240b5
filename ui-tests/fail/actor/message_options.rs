use nimsync::prelude::*;

#[actor]
struct Counter;

#[actor]
impl Counter {
    #[message(priority = urgent)]
    fn a(&mut self) {}

    #[message(priority = hihg)]
    fn b(&mut self) {}

    #[message(priority)]
    fn c(&mut self) {}

    #[message(prority = high)]
    fn d(&mut self) {}

    #[message(priority = high, priority = low)]
    fn e(&mut self) {}

    #[message(accept)]
    fn f(&mut self, _a: u8, _b: u8) {}

    #[message(accept)]
    fn g(&mut self, _a: u8) {}

    #[message(accept)]
    fn h(&mut self, _a: u8) {}

    #[message = "high"]
    fn i(&mut self) {}

    #[on_stop(high)]
    fn j(&mut self) {}
}

fn main() {}
