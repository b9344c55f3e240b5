//! Fetches many addresses at once: so many at a time, each with a time limit and with
//! further attempts, and with one client that keeps its connections.
//!
//! ```text
//! cargo run --release --example http_client -- http://127.0.0.1:8080/ http://127.0.0.1:8080/wait/100
//! ```

mod args;
mod fetch;
mod report;

use anyhow::Context;
use args::Args;
use clap::Parser;
use fetch::{Fetched, Patience, fetch};
use futures::AsyncReadExt;
use indicatif::ProgressBar;
use nimsync::cancel::CancelReason;
use nimsync::http::Client;
use nimsync::prelude::*;
use nimsync::signal::{Signal, ctrl_c};
use nimsync_examples::web::connector;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use url::Url;

#[nimsync::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("http_client: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let interrupt = ctrl_c();
    let work = CancelScope::new();
    let mut fetched = Vec::new();
    let mut all = 0;
    let outcome = task_group!(|g| {
        g.service(stop_on(interrupt, work.clone()));
        Ok::<_, anyhow::Error>(
            work.run(async {
                let mut urls = args.urls.clone();
                if let Some(file) = &args.file {
                    urls.extend(read(file).await?);
                }
                all = urls.len();
                fetch_all(args, urls, &mut fetched).await
            })
            .await,
        )
    })
    .await?;
    if let Ok(Err(error)) = outcome {
        return Err(error);
    }

    // Those that were done first come first until here.
    fetched.sort_unstable_by_key(|(place, _)| *place);
    let fetched: Vec<Fetched> = fetched.into_iter().map(|(_, one)| one).collect();
    match report::print(&fetched, all) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            return Err(error).context("cannot print");
        }
        _ => {}
    }
    if outcome.is_err() {
        eprintln!("http_client: interrupted");
        return Ok(ExitCode::from(130));
    }
    Ok(match fetched.iter().all(Fetched::is_good) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Fetches all addresses; what is done is in `fetched`, also when this is cancelled.
async fn fetch_all(
    args: &Args,
    urls: Vec<Url>,
    fetched: &mut Vec<(usize, Fetched)>,
) -> anyhow::Result<()> {
    let patience = Patience::of(args);
    let connector = connector(args.ca.as_deref()).await?;
    let bar = Bar(report::progress_bar(urls.len()));
    task_group!(name = "fetch", |g| {
        // Its connections are tasks of the group.
        let client = Client::builder()
            .redirects(args.redirects)
            .connector(connector)
            .build(&g.spawner());
        let mut done = stream::iter(urls.into_iter().enumerate()).par_map_unordered(
            args.limit as usize,
            move |(place, url)| {
                let client = client.clone();
                async move { (place, fetch(client, url, patience).await) }
            },
        );
        while let Some(one) = done.next().await {
            bar.0.inc(1);
            fetched.push(one);
        }
    })
    .await?;
    Ok(())
}

/// A progress bar that is taken away however the work ends.
struct Bar(ProgressBar);

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Reads addresses from a file, or from the standard input.
async fn read(file: &Path) -> anyhow::Result<Vec<Url>> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        let read = nimsync::io::stdin().read_to_string(&mut text).await;
        read.context("cannot read the standard input")?;
        text
    } else {
        nimsync::fs::read_to_string(file).await?
    };
    let lines = text.lines().enumerate();
    let lines = lines.map(|(number, line)| (number + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let url = args::address(line).map_err(anyhow::Error::msg);
            url.with_context(|| format!("{}, line {number}: `{line}`", file.display()))
        })
        .collect()
}

async fn stop_on(interrupt: Signal, work: CancelScope) -> io::Result<()> {
    interrupt.await?;
    work.cancel_with(CancelReason::Signal);
    Ok(())
}
