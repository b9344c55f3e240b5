#![deny(unused_must_use)]

use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    task_group!(|g| g.len());
}
