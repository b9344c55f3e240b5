//! How the servers listen, complain and end.

use crate::Chain;
use anyhow::Context;
use nimsync::BoxError;
use nimsync::cancel::{CancelReason, CancelScope};
use nimsync::first_ok;
use nimsync::net::{Served, TcpListener};
use nimsync::signal::Signal;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

/// Listens where it was asked for.
///
/// # Errors
///
/// If that cannot be.
pub async fn listen(address: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Says that a connection has failed, and why.
pub fn complain(error: &BoxError) {
    eprintln!("a connection failed: {}", Chain(&**error));
}

/// Cancels `stop` at the first of two signals.
///
/// # Errors
///
/// If the operating system refuses to tell of them.
pub async fn stop_on_signal(
    interrupt: Signal,
    terminate: Signal,
    stop: CancelScope,
) -> io::Result<()> {
    let signal = first_ok!(interrupt, terminate).await;
    signal.map_err(io::Error::other)?;
    println!("stopping");
    stop.cancel_with(CancelReason::Signal);
    Ok(())
}

/// Ends a program: an error is told in a line.
#[must_use]
pub fn conclude(program: &str, outcome: anyhow::Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        eprintln!("{program}: {error:#}");
        ExitCode::FAILURE
    })
}

/// The exit code of a server: whether nobody was cut off.
#[must_use]
pub fn exit_code(served: &Served) -> ExitCode {
    match served.cut_off() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
