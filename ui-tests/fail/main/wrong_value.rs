#[nimsync::main]
async fn main() -> Result<(), std::io::Error> {
    if std::env::args().count() > 1 {
        return 5;
    }
    Ok(())
}
