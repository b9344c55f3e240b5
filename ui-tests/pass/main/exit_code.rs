use std::process::ExitCode;

#[nimsync::main]
async fn main() -> ExitCode {
    ExitCode::SUCCESS
}
