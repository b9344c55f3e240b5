use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = try_stream! {
        std::fs::read("numbers")?;
    };
}
