//! What things cost on this machine: `cargo run --release --example benchmark`.

fn main() -> Result<(), nimsync::BuildError> {
    print!("{}", nimsync::benchmark()?);
    Ok(())
}
