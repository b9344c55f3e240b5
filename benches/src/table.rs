//! Medians, and ratios to the first contender, as a table.

/// What one contender measured: a row of columns for each round.
pub(crate) struct Samples<const K: usize> {
    pub(crate) contender: &'static str,
    rounds: Vec<[f64; K]>,
}

impl<const K: usize> Samples<K> {
    pub(crate) fn new(contender: &'static str) -> Samples<K> {
        Samples {
            contender,
            rounds: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, round: [f64; K]) {
        self.rounds.push(round);
    }

    /// What a column was over the rounds.
    pub(crate) fn spread(&self, column: usize) -> Spread {
        Spread::of(self.rounds.iter().map(|row| row[column]))
    }
}

/// Prints a row for each contender, with ratios to the first of them.
pub(crate) fn print<const K: usize>(columns: [&str; K], contenders: &[Samples<K>]) {
    let Some(base) = contenders.first() else {
        return;
    };
    print!("  {:<28}", "");
    for column in columns {
        print!(
            "{column:>12}  {:<26}",
            format!("ratio to {}", base.contender)
        );
    }
    println!();
    for samples in contenders {
        print!("  {:<28}", samples.contender);
        for column in 0..K {
            let value = samples.spread(column);
            let pairs = samples.rounds.iter().zip(&base.rounds);
            let ratio = Spread::of(pairs.map(|(row, base)| row[column] / base[column]));
            print!("{:>12}  {:<26}", number(value.median), ratio.show());
        }
        println!();
    }
    println!();
}

/// A value over the rounds.
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Spread {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_by(f64::total_cmp);
        Spread {
            min: sorted[0],
            median: sorted[sorted.len() / 2],
            max: sorted[sorted.len() - 1],
        }
    }

    fn show(&self) -> String {
        // The first contender may have used none of what is counted.
        if !self.median.is_finite() {
            return String::new();
        }
        format!("{:.2} ({:.2} to {:.2})", self.median, self.min, self.max)
    }
}

/// Shows about three digits, which is more than the machine's noise leaves.
fn number(value: f64) -> String {
    let decimals = match value {
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}
