#![deny(unused_must_use)]
use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    stream! {
        yield 1;
    };
}
