//! Counts lines, words and the most frequent words of all text files below
//! folders: a task for each file, as many at a time as there are cores.
//!
//! ```text
//! cargo run --release --example wordcount -- PATH..
//! cargo run --release --example wordcount -- --help
//! ```
//!
//! It shows a group with a limit and with errors that are collected, a producer
//! that does not run ahead, blocking calls, and an orderly end by a time limit
//! or by ctrl-c, with what was counted so far.

mod args;
mod count;
mod report;
mod walk;

use args::Args;
use count::Tallies;
use nimsync::GroupError;
use nimsync::cancel::CancelReason;
use nimsync::prelude::*;
use nimsync::signal::ctrl_c;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

#[nimsync::main]
async fn main() -> ExitCode {
    let args = Args::read();
    let tallies = Arc::new(Tallies::default());
    let outcome = count_all(&args, &tallies).await;

    if let Err(error) = report::print(&tallies.sum(), args.top)
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        eprintln!("wordcount: cannot print: {error}");
        return ExitCode::FAILURE;
    }
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(explain(&error)),
    }
}

/// Counts all files. The group around watches over the one that counts.
async fn count_all(args: &Args, tallies: &Arc<Tallies>) -> Result<(), GroupError> {
    let bar = report::progress_bar();
    let cores = available_parallelism().map_or(2, usize::from);
    let watch = task_group!(|watch| {
        let count = task_group!(
            policy = collect_errors,
            limit = cores,
            name = "count",
            |g| {
                watch.service(interrupts(g.scope()));
                if let Some(limit) = args.timeout {
                    watch.service(time_limit(limit, g.scope()));
                }
                let mut files = walk::Files::below(&args.paths, args.all, bar.clone(), watch);
                while let Some(found) = files.next(watch).await {
                    g.ready().await;
                    let (tallies, bar) = (tallies.clone(), bar.clone());
                    g.spawn(async move {
                        let path = found?;
                        let name = path.display().to_string();
                        let counted = count::count_file(path, &tallies).await;
                        bar.inc(1);
                        counted.map_err(|error| format!("{name}: {error}"))?;
                    });
                }
            }
        );
        Ok::<_, io::Error>(count.await)
    });
    let outcome = watch.await.unwrap_or_else(Err);
    bar.finish_and_clear();
    outcome
}

/// Ends the count at the first ctrl-c, and the program at the second: a call
/// that hangs in a broken file system cannot be cancelled.
async fn interrupts(count: CancelScope) -> io::Result<()> {
    ctrl_c().await?;
    let again = ctrl_c();
    count.cancel_with(CancelReason::Signal);
    again.await?;
    std::process::exit(130);
}

/// Ends the count when its time is over.
async fn time_limit(limit: Duration, count: CancelScope) {
    sleep(limit).await;
    count.cancel_with(CancelReason::Timeout(limit));
}

/// Tells what went wrong, and returns the exit code that says so.
fn explain(error: &GroupError) -> u8 {
    for failure in error.failures() {
        eprintln!("wordcount: {}", failure.error());
    }
    let (what, code) = match error
        .cancelled()
        .map(|cancelled| &cancelled.origin().reason)
    {
        Some(CancelReason::Signal) => ("interrupted".to_owned(), 130),
        Some(reason) => (reason.to_string(), 124),
        None => {
            eprintln!("wordcount: {} not counted", error.failures().len());
            return 1;
        }
    };
    eprintln!("wordcount: {what}; the counts are those of what was read by then");
    code
}
