//! Cases and the rounds in which their contenders take turns.

use std::env;

use crate::stopwatch::{Stopwatch, settle};
use crate::table::{self, Samples};
use crate::watchdog;

/// What the command line asks of a bench target.
#[derive(Debug)]
pub struct Bench {
    quick: bool,
    /// The contenders that take part; all if there are none.
    only: Vec<String>,
    filters: Vec<String>,
}

impl Bench {
    /// Reads `--quick`, `--only=contender,..` and the filters from the command
    /// line.
    ///
    /// A case runs if its name contains one of the filters, or if there is
    /// none. Other options are left alone: `cargo bench` passes its own.
    pub fn from_args() -> Bench {
        let (options, filters): (Vec<_>, Vec<_>) =
            env::args().skip(1).partition(|arg| arg.starts_with("--"));
        let only = options.iter().filter_map(|o| o.strip_prefix("--only="));
        Bench {
            quick: options.iter().any(|option| option == "--quick"),
            only: only.flat_map(|o| o.split(',')).map(str::to_owned).collect(),
            filters,
        }
    }

    /// Returns how many operations to do where a full run does `full`.
    pub fn size(&self, full: u64) -> u64 {
        if self.quick { full.div_ceil(10) } else { full }
    }

    /// Tells whether the case of that name is to run.
    pub fn selects(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|f| name.contains(f))
    }

    /// Tells whether a fraction of the work is enough.
    pub fn is_quick(&self) -> bool {
        self.quick
    }

    /// Returns a case of `ops` operations that is measured in time.
    pub fn timed<'a>(&self, name: &str, ops: u64) -> Case<'a, 2> {
        let mut case = self.case(name, ["CPU ns/op", "wall ns/op"]);
        case.ops = ops;
        case
    }

    /// Returns a case whose contenders measure `columns` by themselves.
    pub fn case<'a, const K: usize>(&self, name: &str, columns: [&'static str; K]) -> Case<'a, K> {
        Case {
            name: name.to_owned(),
            selected: self.selects(name),
            columns,
            ops: 1,
            rounds: if self.quick { 3 } else { 7 },
            only: self.only.clone(),
            contenders: Vec::new(),
        }
    }
}

/// A piece of work, and the contenders that do it.
pub struct Case<'a, const K: usize> {
    name: String,
    selected: bool,
    columns: [&'static str; K],
    ops: u64,
    rounds: usize,
    only: Vec<String>,
    contenders: Vec<Contender<'a, K>>,
}

struct Contender<'a, const K: usize> {
    name: &'static str,
    work: Box<dyn FnMut() -> [f64; K] + 'a>,
}

impl<'a, const K: usize> Case<'a, K> {
    /// Adds a contender that returns what it measured, a value a column.
    pub fn add(&mut self, name: &'static str, work: impl FnMut() -> [f64; K] + 'a) {
        if !self.only.is_empty() && !self.only.iter().any(|only| only == name) {
            return;
        }
        let work = Box::new(work);
        self.contenders.push(Contender { name, work });
    }

    /// Runs the rounds and prints the table.
    pub fn run(mut self) {
        if !self.selected {
            return;
        }
        println!("{}", self.name);
        let names = self.contenders.iter().map(|contender| contender.name);
        let mut samples: Vec<Samples<K>> = names.map(Samples::new).collect();
        let count = self.contenders.len();
        // Round 0 warms up; what it measures is thrown away.
        for round in 0..=self.rounds {
            for turn in 0..count {
                let index = (round + turn) % count;
                settle();
                watchdog::turn(&self.name, self.contenders[index].name);
                let measured = (self.contenders[index].work)();
                if round > 0 {
                    samples[index].push(measured);
                }
            }
        }
        watchdog::rest();
        table::print(self.columns, &samples);
    }
}

impl<'a> Case<'a, 2> {
    /// Adds a contender that is timed as a whole.
    pub fn time(&mut self, name: &'static str, mut work: impl FnMut() + 'a) {
        let ops = self.ops;
        self.add(name, move || {
            let watch = Stopwatch::start();
            work();
            watch.per_op(ops)
        });
    }
}
