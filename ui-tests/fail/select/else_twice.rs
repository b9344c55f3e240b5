use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let (_tx, rx) = channel::mpmc::<u32>(1);
    select! {
        Ok(value) = rx.recv() => println!("{value}"),
        else => println!("closed"),
        else => println!("still closed"),
    }
}
