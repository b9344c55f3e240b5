//! axum on nimsync's own runtime: no tokio runtime is started.
//!
//! ```text
//! cargo run --release --example axum_server -- --listen 127.0.0.1:8080
//! curl -d '[1, 2, 3, 4, 5]' -H 'content-type: application/json' http://127.0.0.1:8080/sum
//! ```
//!
//! Ctrl-c, or the request to terminate, closes the listener and idle connections;
//! requests that are being answered have `--grace` seconds. The exit code is 0 if
//! all of them were, else 1.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use nimsync::http::{ServeOptions, TowerToHyperService, serve};
use nimsync::prelude::*;
use nimsync::signal::{ctrl_c, terminate};
use nimsync_examples::sums::{self, Sum};
use nimsync_examples::{seconds, serving};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Sums numbers, and waits, over HTTP.
#[derive(Clone, Parser)]
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
}

/// What all requests share.
#[derive(Clone)]
struct App {
    timeout: Duration,
    most: usize,
    /// How many requests are being answered.
    open: Arc<AtomicUsize>,
}

#[nimsync::main]
async fn main() -> ExitCode {
    serving::conclude("axum_server", run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (interrupt, terminate) = (ctrl_c(), terminate());
    let (listener, address) = serving::listen(&args.listen).await?;
    println!("listening on {address}; press ctrl-c to stop");

    // A router is a service of `tower`; hyper wants one of its own kind.
    let service = TowerToHyperService::new(router(&args));
    let options = ServeOptions::new()
        .grace(args.grace)
        .catch_panics()
        .on_error(serving::complain);
    let stop = CancelScope::new();
    let stopped = stop.clone();
    let served = task_group!(|g| {
        g.service(serving::stop_on_signal(interrupt, terminate, stop));
        stopped.run(serve(listener, options, service)).await?
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

fn router(args: &Args) -> Router {
    let app = App {
        timeout: args.timeout,
        most: args.requests as usize,
        open: Arc::default(),
    };
    Router::new()
        .route("/", get(async || "hello\n"))
        .route("/sum", post(sum))
        .route("/wait/{milliseconds}", get(wait))
        .layer(from_fn_with_state(app.clone(), in_time))
        .layer(from_fn_with_state(app, shed_load))
}

/// Refuses a request when too many are being answered.
async fn shed_load(State(app): State<App>, request: Request, next: Next) -> Response {
    /// Counts a request for as long as it lives, however it ends.
    struct Open(Arc<AtomicUsize>);
    impl Drop for Open {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    let others = app.open.fetch_add(1, Ordering::Relaxed);
    let _open = Open(app.open);
    if others >= app.most {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many requests\n").into_response();
    }
    next.run(request).await
}

/// Gives up on a request that takes too long.
async fn in_time(State(app): State<App>, request: Request, next: Next) -> Response {
    match with_timeout!(app.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(timed_out) => (StatusCode::GATEWAY_TIMEOUT, format!("{timed_out}\n")).into_response(),
    }
}

async fn sum(Json(numbers): Json<Vec<i64>>) -> Result<Json<Sum>, (StatusCode, String)> {
    match sums::sum(numbers).await {
        Ok(sum) => Ok(Json(sum)),
        Err(error) => Err((StatusCode::UNPROCESSABLE_ENTITY, format!("{error}\n"))),
    }
}

async fn wait(Path(milliseconds): Path<u32>) -> &'static str {
    sleep(milliseconds.milliseconds()).await;
    "waited\n"
}
