use std::error::Error;

#[nimsync::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let _: u8 = "1".parse()?;
    Ok(())
}
