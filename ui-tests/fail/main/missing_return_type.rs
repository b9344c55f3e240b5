#[nimsync::main]
async fn main() {
    Ok(())
}
