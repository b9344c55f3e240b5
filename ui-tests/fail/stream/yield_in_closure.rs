use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = stream! {
        (0..3).for_each(|number| { yield number; });
    };
}
