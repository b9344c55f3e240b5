use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let (_tx, rx) = channel::mpmc::<u32>(1);
    drop(rx);
    select! {
        sleep(1.seconds()) => println!("late"),
    }
}
