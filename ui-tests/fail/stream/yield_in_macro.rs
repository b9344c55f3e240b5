use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = stream! {
        assert!({ yield 1; true });
    };
}
