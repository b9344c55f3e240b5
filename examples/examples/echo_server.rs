//! A TCP echo server: every connection gets back what it sends.
//!
//! ```text
//! cargo run --release --example echo_server -- --listen 127.0.0.1:7000
//! ```
//!
//! Ctrl-c, or the request to terminate, closes the listener; connections have
//! `--grace` seconds to end. The exit code is 0 if all of them did, else 1.

use clap::Parser;
use futures::{AsyncReadExt, AsyncWriteExt};
use nimsync::net::{ServeOptions, TcpStream, serve};
use nimsync::prelude::*;
use nimsync::signal::{ctrl_c, terminate};
use nimsync_examples::{seconds, serving};
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Sends back what it receives.
#[derive(Parser)]
struct Args {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:7000")]
    listen: String,
    /// How many connections are served at once
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// After how long without a byte a connection is dropped
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    idle: Duration,
    /// How long connections may go on after ctrl-c
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    grace: Duration,
    /// How often to print what was done so far
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    stats: Option<Duration>,
}

/// What was done so far.
#[derive(Default)]
struct Stats {
    open: AtomicU64,
    bytes: AtomicU64,
}

#[nimsync::main]
async fn main() -> ExitCode {
    serving::conclude("echo_server", run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (interrupt, terminate) = (ctrl_c(), terminate());
    let (listener, address) = serving::listen(&args.listen).await?;
    println!("listening on {address}; press ctrl-c to stop");

    let stats = Arc::new(Stats::default());
    let counted = stats.clone();
    let idle = args.idle;
    let options = ServeOptions::new()
        .limit(args.limit as usize)
        .grace(args.grace)
        .on_error(serving::complain);
    let stop = CancelScope::new();
    let stopped = stop.clone();

    let served = task_group!(|g| {
        g.service(serving::stop_on_signal(interrupt, terminate, stop));
        if let Some(interval) = args.stats {
            g.service(print_stats(counted.clone(), interval));
        }
        let server = g.task("server").spawn(async move {
            let handler = move |stream, _| echo(stream, idle, counted.clone());
            stopped.run(serve(listener, options, handler)).await?
        });
        server.await
    })
    .await?;

    let bytes = stats.bytes.load(Ordering::Relaxed);
    println!(
        "{} connections, {bytes} bytes; {} failed, {} cut off",
        served.accepted,
        served.failed,
        served.cut_off()
    );
    Ok(serving::exit_code(&served))
}

async fn print_stats(stats: Arc<Stats>, interval: Duration) {
    loop {
        sleep(interval).await;
        let open = stats.open.load(Ordering::Relaxed);
        let bytes = stats.bytes.load(Ordering::Relaxed);
        println!("{open} connections open, {bytes} bytes echoed");
    }
}

/// Counts an open connection for as long as it lives.
struct Open(Arc<Stats>);

impl Open {
    fn new(stats: Arc<Stats>) -> Self {
        stats.open.fetch_add(1, Ordering::Relaxed);
        Self(stats)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn echo(mut stream: TcpStream, idle: Duration, stats: Arc<Stats>) -> io::Result<()> {
    let open = Open::new(stats);
    stream.set_nodelay(true)?;
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let length = with_timeout!(idle, stream.read(&mut bytes)).await??;
        if length == 0 {
            return stream.close().await;
        }
        with_timeout!(idle, stream.write_all(&bytes[..length])).await??;
        open.0.bytes.fetch_add(length as u64, Ordering::Relaxed);
    }
}
