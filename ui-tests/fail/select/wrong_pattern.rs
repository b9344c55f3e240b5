use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let (_tx, rx) = channel::mpmc::<u32>(1);
    select! {
        Some(value) = rx.recv() => println!("{value}"),
    }
}
