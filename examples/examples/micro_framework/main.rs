//! A service on a web framework that is small enough to be read, which is on hyper.
//!
//! ```text
//! cargo run --release --example micro_framework -- --listen 127.0.0.1:8080
//! curl -d '[1, 2, 3, 4, 5]' -H 'content-type: application/json' http://127.0.0.1:8080/sum
//! ```
//!
//! It is the service of `axum_server`: what axum does there, the modules in
//! `framework` do here.
//!
//! Ctrl-c, or the request to terminate, closes the listener and idle connections;
//! requests that are being answered have `--grace` seconds. The exit code is 0 if
//! all of them were, else 1.

mod framework;

use anyhow::Context;
use clap::Parser;
use framework::{App, Json, Refusal, Request, in_time, log, shed_load};
use nimsync::cancel::CancelReason;
use nimsync::http::{ServeOptions, StatusCode, serve, service_fn};
use nimsync::net::TcpListener;
use nimsync::prelude::*;
use nimsync::signal::{Signal, ctrl_c, terminate};
use nimsync::tls::rustls::ServerConfig;
use nimsync::tls::rustls::pki_types::PrivateKeyDer;
use nimsync::tls::{Listener, server_config};
use nimsync_examples::seconds;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Sums numbers, and waits, over HTTP.
#[derive(Parser)]
struct Args {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    /// How long a request may take
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    timeout: Duration,
    /// How many requests are answered at once; further ones are refused
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    /// How long requests may go on after ctrl-c
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    grace: Duration,
    /// Serve https, with a certificate that is made for this run and written to a file
    /// (PEM), where clients find it
    #[arg(long, value_name = "FILE")]
    self_signed: Option<PathBuf>,
    /// Print a line for each request
    #[arg(long)]
    log: bool,
}

#[nimsync::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let (interrupt, terminate) = (ctrl_c(), terminate());
    let listener = TcpListener::bind(&*args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let tls = match &args.self_signed {
        Some(file) => Some(self_signed(file).await?),
        None => None,
    };
    println!(
        "listening on {}; press ctrl-c to stop",
        listener.local_addr()?
    );

    let app = Arc::new(app(&args));
    let service = service_fn(move |request| app.clone().handle(request));
    let options = ServeOptions::new()
        .grace(args.grace)
        .catch_panics()
        .on_error(|error| eprintln!("a connection failed: {error}"));
    let stop = CancelScope::new();
    let stopped = stop.clone();
    let served = task_group!(|g| {
        g.service(async move { stop_on_signal(interrupt, terminate, &stop).await });
        match tls {
            None => stopped.run(serve(listener, options, service)).await?,
            Some(tls) => {
                let listener = Listener::for_http(listener, tls);
                stopped.run(serve(listener, options, service)).await?
            }
        }
    })
    .await?;

    println!(
        "{} connections; {} failed, {} cut off",
        served.accepted,
        served.failed,
        served.cut_off()
    );
    Ok(if served.cut_off() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes a certificate for this machine, and writes it to a file.
async fn self_signed(file: &Path) -> anyhow::Result<ServerConfig> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    let written = nimsync::fs::write(file, made.cert.pem()).await;
    // The error says what was tried, and on which file.
    written.map_err(|error| anyhow::anyhow!("{error}"))?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    server_config(vec![made.cert.der().clone()], key).context("cannot use the certificate")
}

fn app(args: &Args) -> App {
    let app = App::new()
        .get("/", async |_| "hello\n")
        .post("/sum", sum)
        .get("/wait/{milliseconds}", wait)
        .with(in_time(args.timeout))
        .with(shed_load(args.requests as usize));
    if args.log { app.with(log()) } else { app }
}

#[derive(Serialize)]
struct Sum {
    sum: i64,
    parts: usize,
}

/// Sums numbers, each hundred of them in a task of its own.
async fn sum(request: Request) -> Result<Json<Sum>, Refusal> {
    let numbers: Vec<i64> = request.json().await?;
    let sum = task_group!(own(numbers), |g| {
        let parts: Vec<_> = numbers
            .chunks(100)
            .map(|part| {
                g.spawn(async move {
                    let sum = part.iter().try_fold(0_i64, |sum, n| sum.checked_add(*n));
                    sum.ok_or("the sum is too large")
                })
            })
            .collect();
        let mut sum = 0_i64;
        let count = parts.len();
        for part in parts {
            sum = sum.checked_add(part.await).ok_or("the sum is too large")?;
        }
        Ok::<_, nimsync::BoxError>((sum, count))
    });
    match sum.await.0 {
        Ok((sum, parts)) => Ok(Json(Sum { sum, parts })),
        Err(error) => Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            error.to_string(),
        )),
    }
}

async fn wait(request: Request) -> Result<&'static str, Refusal> {
    let milliseconds: u32 = request.param("milliseconds")?;
    sleep(milliseconds.milliseconds()).await;
    Ok("waited\n")
}

async fn stop_on_signal(
    interrupt: Signal,
    terminate: Signal,
    stop: &CancelScope,
) -> io::Result<()> {
    first_ok!(interrupt, terminate)
        .await
        .map_err(io::Error::other)?;
    println!("stopping");
    stop.cancel_with(CancelReason::Signal);
    Ok(())
}
