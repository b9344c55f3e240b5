//! Crawls a web site breadth first, with manners, and writes the graph of its links.
//!
//! ```text
//! cargo run --release --example web_scraper -- serve-demo
//! cargo run --release --example web_scraper -- crawl http://127.0.0.1:8088/ --format dot
//! ```
//!
//! Each host gets so many requests a second, fewer if its robots.txt asks for that, and
//! none for what it forbids.

mod args;
mod crawl;
mod demo;
mod graph;
mod html;
mod normal;
mod pace;
mod robots;

use anyhow::Context;
use args::{Args, Command, Crawl};
use clap::Parser;
use graph::{Graph, Outcome};
use indicatif::{ProgressBar, ProgressStyle};
use nimsync::cancel::CancelReason;
use nimsync::http::{ServeOptions, serve, service_fn};
use nimsync::prelude::*;
use nimsync::signal::{Signal, ctrl_c};
use nimsync_examples::serving;
use nimsync_examples::web::connector;
use std::io::{self, Write};
use std::process::ExitCode;

#[nimsync::main]
async fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Crawl(args) => crawl(&args).await,
        Command::ServeDemo { listen } => serve_demo(&listen).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("web_scraper: {error:#}");
        ExitCode::FAILURE
    })
}

/// Crawls, and writes what was seen, also when it was interrupted.
async fn crawl(args: &Crawl) -> anyhow::Result<ExitCode> {
    let style = ProgressStyle::with_template("{elapsed:>4} {spinner} {pos} pages {wide_msg}")?;
    let bar = ProgressBar::new_spinner().with_style(style);
    let interrupt = ctrl_c();
    let work = CancelScope::new();
    let mut graph = Graph::default();
    let connector = connector(args.ca.as_deref()).await?;
    let outcome = task_group!(|g| {
        g.service(stop_on(interrupt, work.clone()));
        Ok::<_, io::Error>(
            work.run(crawl::crawl(args, connector, &mut graph, &bar))
                .await,
        )
    })
    .await?;
    bar.finish_and_clear();
    let interrupted = match outcome {
        Ok(done) => done.map(|()| false)?,
        Err(_) => true,
    };

    let text = graph.write(args.format)?;
    match &args.output {
        Some(path) => nimsync::fs::write_atomic(path, text).await?,
        None => match io::stdout().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                return Err(error).context("cannot print");
            }
            _ => {}
        },
    }
    eprintln!("web_scraper: {}", graph.summary());
    if interrupted {
        eprintln!("web_scraper: interrupted");
        return Ok(ExitCode::from(130));
    }
    match graph.pages.first().map(|first| &first.outcome) {
        Some(Outcome::Fetched { status, .. }) if *status < 400 => Ok(ExitCode::SUCCESS),
        Some(Outcome::Redirect(_)) => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::FAILURE),
    }
}

async fn stop_on(interrupt: Signal, work: CancelScope) -> io::Result<()> {
    interrupt.await?;
    work.cancel_with(CancelReason::Signal);
    Ok(())
}

async fn serve_demo(listen: &str) -> anyhow::Result<ExitCode> {
    let interrupt = ctrl_c();
    let (listener, address) = serving::listen(listen).await?;
    println!("listening on {address}; press ctrl-c to stop");
    let stop = CancelScope::new();
    let options = ServeOptions::new().grace(100.milliseconds());
    task_group!(|g| {
        g.service(stop_on(interrupt, stop.clone()));
        let served = serve(listener, options, service_fn(demo::answer));
        stop.run(served).await??;
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}
