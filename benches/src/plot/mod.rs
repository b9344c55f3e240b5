//! Throughput as a figure: a panel for each case, a bar for each contender.
//!
//! A bar is the median over the rounds, the line across its end goes from the
//! least to the greatest. The fastest is on top, and a longer bar is better.
//! The figure has its own background, light or dark as the reader's system is,
//! so that it can stand on any page; and it says which command made it.
//!
//! `layout` knows where everything is, `svg` how it is written down.

mod layout;
mod svg;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::{env, fs, io, thread};

use layout::Layout;

/// What is drawn, and where it is written to.
#[derive(Debug)]
pub(crate) struct Figure {
    file: PathBuf,
    title: String,
    /// What is counted: "messages".
    pub(crate) unit: &'static str,
    quick: bool,
    /// What made it, to be shown below it.
    command: String,
    panels: Vec<Panel>,
}

/// A case.
#[derive(Debug)]
struct Panel {
    name: String,
    /// The fastest comes first.
    bars: Vec<Bar>,
}

/// What a contender reached, in operations a second.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) contender: String,
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) greatest: f64,
}

impl Figure {
    /// A figure without panels. Relative paths begin at the workspace's root:
    /// `cargo bench` starts programs in the folder of their package.
    pub(crate) fn new(file: &str, title: &str, quick: bool) -> Figure {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Figure {
            file: root.join(file),
            title: title.to_owned(),
            unit: "operations",
            quick,
            command: command(env::args()),
            panels: Vec::new(),
        }
    }

    /// Adds a case, and writes the file anew: a run that is cut off leaves what
    /// it has.
    pub(crate) fn add(&mut self, case: &str, rounds: usize, mut bars: Vec<Bar>) -> io::Result<()> {
        bars.sort_by(|a, b| b.median.total_cmp(&a.median));
        self.panels.push(Panel {
            name: case.to_owned(),
            bars,
        });
        fs::write(&self.file, self.draw(rounds)).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", self.file.display()))
        })
    }

    fn draw(&self, rounds: usize) -> String {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let run = if self.quick { "quick run" } else { "full run" };
        let reading = format!(
            "In {} per second of wall time: longer is better. Bars: medians of {rounds} rounds; \
             lines: least to greatest. A {run} on {cores} cores.",
            self.unit
        );
        Layout::of(self).draw(self, &reading)
    }
}

/// The command that made the figure, as it is typed.
fn command(mut args: impl Iterator<Item = String>) -> String {
    let program = args.next().unwrap_or_default();
    let name = Path::new(&program).file_stem().unwrap_or_default();
    let name = name.to_string_lossy();
    // Cargo puts a hash behind the target's name.
    let target = name.rsplit_once('-').map_or(&*name, |(target, _)| target);
    let mut command = format!("cargo bench -p nimsync-benches --bench {target} --");
    // Cargo adds `--bench` by itself.
    for arg in args.filter(|arg| arg != "--bench") {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,".contains(c);
        if arg.chars().all(plain) {
            command = format!("{command} {arg}");
        } else {
            command = format!("{command} '{}'", arg.replace('\'', r"'\''"));
        }
    }
    command
}
