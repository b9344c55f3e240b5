use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let (_tx, rx) = channel::mpmc::<u32>(1);
    let name: &str = select! {
        Ok(value) = rx.recv() => value,
        default => "nothing",
    };
    println!("{name}");
}
