//! Statistics of an access log, and what a slow consumer does to a fast source.
//!
//! ```text
//! file ─▶ lines ─▶ parsed in parallel ─▶ windows by time ─▶ table with a bar chart
//!                          │
//!                          └─▶ a slow consumer under each policy: what is dropped, what spilled
//! ```
//!
//! `logstats FILE` reads a log in the common or combined format, `logstats --generate N` makes
//! one of N lines. See `--help`.

mod args;
mod policies;
mod record;
mod report;
mod source;

use args::Args;
use nimsync::prelude::*;
use nimsync::signal::ctrl_c;
use record::Record;
use report::{Table, Window};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

/// Lines that are parsed in one go: a line takes less than handing it over.
const BATCH: usize = 256;

#[nimsync::main]
async fn main() -> ExitCode {
    let args = Args::read();
    let outcome = race!(async { Some(run(&args).await) }, async {
        // Without a signal handler the program is ended by the signal itself.
        if ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        None
    });
    match outcome.await {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("logstats: {error}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("logstats: interrupted");
            ExitCode::from(130)
        }
    }
}

/// Reads the log and prints what is in it; then shows the policies.
async fn run(args: &Args) -> Result<(), source::Failed> {
    let table = statistics(args).await?;
    table.print(args.rows);
    if let Some(records) = args.slow {
        policies::compare(records, args.capacity).await;
    }
    Ok(())
}

/// Parses the log in parallel, and counts it by windows of time.
async fn statistics(args: &Args) -> Result<Table, source::Failed> {
    let cores = available_parallelism().map_or(2, usize::from);
    let parsed = source::lines(args)
        .ready_chunks(BATCH)
        .try_par_map(cores, |lines| async move {
            // Whether a line could be read; a broken one is counted, not fatal.
            lines
                .into_iter()
                .map(|line| line.map(|line| Record::parse(&line)))
                .collect::<Result<Vec<_>, _>>()
        });
    let length = args.window.as_secs().max(1);
    let mut broken = 0;
    let mut failure = None;
    let records = parsed.flat_map(|batch| {
        let batch = batch.unwrap_or_else(|error| {
            failure = Some(error);
            Vec::new()
        });
        broken += batch.iter().filter(|record| record.is_none()).count();
        stream::iter(batch.into_iter().flatten())
    });
    // The clock is that of the log, so what counts is when a line was written.
    let windows = records
        .window_by(|record| record.second / length)
        .map(|(number, records)| Window::of(number * length, &records));
    let windows: Vec<Window> = windows.collect().await;
    match failure {
        Some(error) => Err(error),
        None => Ok(Table::new(windows, length, broken)),
    }
}

/// A line of text, which several tasks may hold.
type Line = Arc<str>;
