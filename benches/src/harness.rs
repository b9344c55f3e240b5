//! Cases and the rounds in which their contenders take turns.

use std::cell::RefCell;
use std::rc::Rc;
use std::{env, process};

use crate::plot::{Bar, Figure};
use crate::stopwatch::{Stopwatch, settle};
use crate::table::{self, Samples};
use crate::watchdog;

/// The column from which throughput is computed.
const WALL: &str = "wall ns/op";

/// What the command line asks of a bench target.
#[derive(Debug)]
pub struct Bench {
    quick: bool,
    /// The contenders that take part; all if there are none.
    only: Vec<String>,
    filters: Vec<String>,
    /// Filters are whole names.
    exact: bool,
    figure: Option<Rc<RefCell<Figure>>>,
}

impl Bench {
    /// Reads `--quick`, `--only=contender,..`, `--exact`, `--svg=FILE`,
    /// `--title=TEXT` and the filters from the command line.
    ///
    /// A case runs if its name contains one of the filters (with `--exact`: is
    /// one of them), or if there is none. With `--svg` the throughput of the
    /// cases that are timed is drawn into that file, as a panel each. Other
    /// options are left alone: `cargo bench` passes its own.
    pub fn from_args() -> Bench {
        let (options, filters): (Vec<_>, Vec<_>) =
            env::args().skip(1).partition(|arg| arg.starts_with("--"));
        let is_set = |name| options.iter().any(|option| option == name);
        let value = |name| options.iter().find_map(|o| o.strip_prefix(name));
        let only = options.iter().filter_map(|o| o.strip_prefix("--only="));
        let quick = is_set("--quick");
        let title = value("--title=").unwrap_or("nimsync and its peers");
        let figure = value("--svg=").map(|file| Figure::new(file, title, quick));
        Bench {
            quick,
            only: only.flat_map(|o| o.split(',')).map(str::to_owned).collect(),
            exact: is_set("--exact"),
            filters,
            figure: figure.map(|figure| Rc::new(RefCell::new(figure))),
        }
    }

    /// Says what an operation is, in the plural; figures name it.
    pub fn counting(self, unit: &'static str) -> Bench {
        if let Some(figure) = &self.figure {
            figure.borrow_mut().unit = unit;
        }
        self
    }

    /// Returns how many operations to do where a full run does `full`.
    pub fn size(&self, full: u64) -> u64 {
        if self.quick { full.div_ceil(10) } else { full }
    }

    /// Tells whether the case of that name is to run.
    pub fn selects(&self, name: &str) -> bool {
        let matches = |filter: &String| match self.exact {
            true => name == filter,
            false => name.contains(filter),
        };
        self.filters.is_empty() || self.filters.iter().any(matches)
    }

    /// Tells whether a fraction of the work is enough.
    pub fn is_quick(&self) -> bool {
        self.quick
    }

    /// Returns a case of `ops` operations that is measured in time.
    pub fn timed<'a>(&self, name: &str, ops: u64) -> Case<'a, 2> {
        let mut case = self.case(name, ["CPU ns/op", WALL]);
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
            figure: self.figure.clone(),
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
    figure: Option<Rc<RefCell<Figure>>>,
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
        self.draw(&samples);
    }

    /// Adds a panel to the figure, if one is made and time was measured.
    fn draw(&self, samples: &[Samples<K>]) {
        let wall = self.columns.iter().position(|column| *column == WALL);
        let (Some(figure), Some(wall)) = (&self.figure, wall) else {
            return;
        };
        let bars = samples.iter().map(|samples| {
            let time = samples.spread(wall);
            Bar {
                contender: samples.contender.to_owned(),
                least: 1e9 / time.max,
                median: 1e9 / time.median,
                greatest: 1e9 / time.min,
            }
        });
        let mut figure = figure.borrow_mut();
        if let Err(error) = figure.add(&self.name, self.rounds, bars.collect()) {
            eprintln!("the figure cannot be written: {error}");
            process::exit(1);
        }
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
