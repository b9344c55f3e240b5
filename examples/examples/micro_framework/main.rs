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
use nimsync::BoxError;
use nimsync::http::{ServeOptions, StatusCode, serve, service_fn};
use nimsync::prelude::*;
use nimsync::signal::{ctrl_c, terminate};
use nimsync::tls::rustls::ServerConfig;
use nimsync::tls::rustls::pki_types::PrivateKeyDer;
use nimsync::tls::{Listener, server_config};
use nimsync_examples::sums::{self, Sum};
use nimsync_examples::{seconds, serving};
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
async fn main() -> ExitCode {
    serving::conclude("micro_framework", run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (interrupt, terminate) = (ctrl_c(), terminate());
    let (listener, address) = serving::listen(&args.listen).await?;
    let tls = match &args.self_signed {
        Some(file) => Some(self_signed(file).await?),
        None => None,
    };
    println!("listening on {address}; press ctrl-c to stop");

    let app = Arc::new(app(&args));
    let service = service_fn(move |request| app.clone().handle(request));
    let options = ServeOptions::new()
        .grace(args.grace)
        .catch_panics()
        .on_error(serving::complain);
    let stop = CancelScope::new();
    let stopped = stop.clone();
    let served = task_group!(|g| {
        g.service(serving::stop_on_signal(interrupt, terminate, stop));
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
    Ok(serving::exit_code(&served))
}

/// Makes a certificate for this machine, and writes it to a file.
async fn self_signed(file: &Path) -> anyhow::Result<ServerConfig> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    nimsync::fs::write(file, made.cert.pem()).await?;
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

async fn sum(request: Request) -> Result<Json<Sum>, Refusal> {
    let sum = sums::sum(request.json().await?).await;
    let wrong = |error: BoxError| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
    sum.map(Json).map_err(wrong)
}

async fn wait(request: Request) -> Result<&'static str, Refusal> {
    let milliseconds: u32 = request.param("milliseconds")?;
    sleep(milliseconds.milliseconds()).await;
    Ok("waited\n")
}
