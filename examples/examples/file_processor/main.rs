//! A pipeline over a tree of files, with a choice of what happens when its source is
//! faster than the rest.
//!
//! ```text
//! walk ──▶ buffer with a policy ──▶ read, count, checksum ──▶ sums, rows
//!          --policy, --capacity     --jobs at a time          --format, --output
//! ```
//!
//! ```text
//! cargo run --release --example file_processor -- nimsync --checksum sha256 -o files.csv
//! ```
//!
//! The rows are in the order of the walk, so two runs over the same files write the
//! same bytes. They are written under another name first; a run that fails or is
//! interrupted leaves the output as it was.

mod args;
mod checksum;
mod output;
mod process;
mod report;
mod walk;

use args::Args;
use clap::Parser;
use nimsync::BoxError;
use nimsync::cancel::CancelReason;
use nimsync::prelude::*;
use nimsync::signal::{Signal, ctrl_c};
use nimsync::stream::Stats;
use output::Output;
use report::{Problems, Summary};
use std::io;
use std::process::ExitCode;

#[nimsync::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    // From here on, ctrl-c is ours.
    let interrupt = ctrl_c();
    let work = CancelScope::new();
    let outcome = task_group!(|g| {
        g.service(interrupts(interrupt, work.clone()));
        Ok::<_, io::Error>(work.run(run(&args)).await)
    });
    match outcome.await {
        Ok(Ok(Ok(code))) => code,
        // What fails then fails because of it.
        _ if !work.active() => {
            eprintln!("file_processor: interrupted; nothing was written");
            ExitCode::from(130)
        }
        Ok(Err(cancelled)) => failed(&cancelled.into()),
        Ok(Ok(Err(error))) => failed(&error),
        Err(error) => failed(&error.into()),
    }
}

fn failed(error: &BoxError) -> ExitCode {
    eprintln!("file_processor: {error}");
    ExitCode::FAILURE
}

/// Ends the work at the first ctrl-c, and the program at the second: a call that hangs
/// in a broken file system cannot be cancelled.
async fn interrupts(first: Signal, work: CancelScope) -> io::Result<()> {
    first.await?;
    let again = ctrl_c();
    work.cancel_with(CancelReason::Signal);
    again.await?;
    std::process::exit(130);
}

/// Processes all files, and tells what came of it.
async fn run(args: &Args) -> Result<ExitCode, BoxError> {
    let bar = report::progress_bar();
    let problems = Problems::new(bar.clone());
    let (summary, stats) = process_all(args, &bar, &problems).await?;
    bar.finish_and_clear();
    match summary.print(&stats) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    let unread = problems.count();
    if unread > 0 {
        eprintln!("file_processor: {unread} not processed");
    }
    if stats.dropped > 0 {
        eprintln!("file_processor: {} dropped by the policy", stats.dropped);
    }
    Ok(if unread + stats.dropped == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The pipeline.
async fn process_all(
    args: &Args,
    bar: &indicatif::ProgressBar,
    problems: &Problems,
) -> Result<(Summary, Stats), BoxError> {
    let mut output = match &args.output {
        None => None,
        Some(path) => {
            let output = Output::create(path.clone(), args.format).await;
            Some(output.map_err(|error| format!("cannot write {}: {error}", path.display()))?)
        }
    };
    let algorithm = args.checksum;
    let capacity = args.capacity();
    let (files, found) = stream::with(args.policy()).capacity(capacity).build();
    let done = task_group!(name = "pipeline", |g| {
        let walk = walk::below(&args.paths, args.all);
        let walk = g
            .task("walk")
            .spawn(walk::walk(walk, files, bar.clone(), problems.clone()));
        let mut summary = Summary::default();
        let mut rows = found.par_map(args.jobs(), move |file| {
            process::process(file.into_path(), algorithm)
        });
        while let Some(row) = rows.next().await {
            bar.inc(1);
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    problems.report(error);
                    continue;
                }
            };
            summary.add(&row);
            bar.set_message(indicatif::HumanBytes(summary.bytes()).to_string());
            if let Some(output) = &mut output {
                output.row(&row).await?;
            }
        }
        Ok((summary, walk.await))
    });
    let done = done.await.map_err(|failed| match failed.first() {
        // That a task of the pipeline failed says nothing to the user.
        Some(first) => BoxError::from(first.error().to_string()),
        None => failed.into(),
    })?;
    if let (Some(output), Some(path)) = (output, &args.output) {
        let finished = output.finish().await;
        finished.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(done)
}
