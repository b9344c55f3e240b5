use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = stream! {
        println!("nothing");
    };
}
