use nimsync::prelude::*;

#[actor]
struct Counter;

#[actor]
impl Counter {
    pub fn good(&mut self) {}

    #[mesage]
    fn a(&mut self) {}

    #[on_strat]
    fn b(&mut self) {}

    #[onstop]
    fn c(&mut self) {}

    #[evry("1s")]
    fn d(&mut self) {}

    #[every("1 parsec")]
    fn e(&mut self) {}

    #[every]
    fn f(&mut self) {}

    #[init]
    fn g() {}

    #[message]
    #[on_exit]
    fn h(&mut self) {}
}

fn main() {}
