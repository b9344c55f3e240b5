use nimsync::prelude::*;

async fn read() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[nimsync::main]
async fn main() {
    let _ = stream! {
        let first = read().await?;
        yield first;
    };
}
