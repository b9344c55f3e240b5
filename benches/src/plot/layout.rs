//! Where everything is.
//!
//! Panels stand in two columns, read from left to right. The panels of a row
//! are as high as the highest of them.

use super::svg::{Anchor, Svg};
use super::{Bar, Figure, Panel};

/// The width of all; a page of the book shows it a little smaller.
const WIDTH: f64 = 900.0;
const MARGIN: f64 = 24.0;
const BETWEEN_COLUMNS: f64 = 32.0;
const BETWEEN_ROWS: f64 = 22.0;
/// Title and how to read it.
const HEAD: f64 = 62.0;
const LINE: f64 = 15.0;
/// How many letters of the small fixed font fit into the width.
const COMMAND_LETTERS: usize = 138;

/// Within a panel: its name, a row for each bar, the numbers of the axis.
const NAME: f64 = 24.0;
const ROW: f64 = 19.0;
const BAR: f64 = 12.0;
const AXIS: f64 = 20.0;
/// For the names of contenders, to the left of the bars.
const LABELS: f64 = 108.0;
/// For a bar's figure, to the right of the longest.
const VALUES: f64 = 56.0;
const GAP: f64 = 6.0;

/// The sizes of a figure.
pub(super) struct Layout {
    columns: usize,
    panel_width: f64,
    /// The height of each row of panels.
    rows: Vec<f64>,
    command: Vec<String>,
}

impl Layout {
    pub(super) fn of(figure: &Figure) -> Layout {
        let columns = figure.panels.len().clamp(1, 2);
        let between = BETWEEN_COLUMNS * (columns - 1) as f64;
        let heights = figure.panels.chunks(columns).map(|row| {
            let most = row.iter().map(|panel| panel.bars.len()).max();
            NAME + ROW * most.unwrap_or(0) as f64 + AXIS
        });
        Layout {
            columns,
            panel_width: (WIDTH - 2.0 * MARGIN - between) / columns as f64,
            rows: heights.collect(),
            command: wrap(&figure.command, COMMAND_LETTERS),
        }
    }

    pub(super) fn draw(&self, figure: &Figure, reading: &str) -> String {
        let panels: f64 = self.rows.iter().map(|height| height + BETWEEN_ROWS).sum();
        let foot = LINE * self.command.len() as f64 + MARGIN / 2.0;
        let mut svg = Svg::new(WIDTH, HEAD + panels + foot, &figure.title, reading);
        svg.text("title", MARGIN, 32.0, Anchor::Start, &figure.title);
        svg.text("small", MARGIN, 51.0, Anchor::Start, reading);
        let mut y = HEAD;
        for (row, height) in figure.panels.chunks(self.columns).zip(&self.rows) {
            for (column, panel) in row.iter().enumerate() {
                let x = MARGIN + (self.panel_width + BETWEEN_COLUMNS) * column as f64;
                self.panel(&mut svg, x, y, panel, figure.unit);
            }
            y += height + BETWEEN_ROWS;
        }
        for line in &self.command {
            svg.text("command", MARGIN, y + GAP, Anchor::Start, line);
            y += LINE;
        }
        svg.finish()
    }

    fn panel(&self, svg: &mut Svg, x: f64, y: f64, panel: &Panel, unit: &str) {
        svg.text("name", x, y + 14.0, Anchor::Start, &panel.name);
        let (left, top) = (x + LABELS, y + NAME);
        let bottom = top + ROW * panel.bars.len() as f64;
        let length = self.panel_width - LABELS - VALUES;
        // Something that took no time at all would have no length.
        let greatest = panel.bars.iter().map(|bar| bar.greatest);
        let end = greatest.filter(|g| g.is_finite()).fold(1e-9, f64::max);
        let at = |value: f64| left + length * (value / end).clamp(0.0, 1.0);
        for tick in ticks(end) {
            svg.line("grid", at(tick), top, at(tick), bottom);
            svg.text(
                "tick",
                at(tick),
                bottom + 14.0,
                Anchor::Middle,
                &round(tick),
            );
        }
        for (row, bar) in panel.bars.iter().enumerate() {
            let top = top + ROW * row as f64;
            self::bar(svg, x, top, bar, unit, &at);
        }
        svg.line("axis", left, top, left, bottom);
    }
}

fn bar(svg: &mut Svg, x: f64, top: f64, bar: &Bar, unit: &str, at: &dyn Fn(f64) -> f64) {
    let ours = bar.contender == "nimsync";
    let (zero, middle) = (x + LABELS, top + ROW / 2.0);
    let baseline = middle + 4.0;
    svg.group(&format!(
        "{}: {} {unit} per second ({} to {})",
        bar.contender,
        si(bar.median),
        si(bar.least),
        si(bar.greatest)
    ));
    let label = if ours { "label ours" } else { "label" };
    svg.text(label, zero - GAP, baseline, Anchor::End, &bar.contender);
    let (class, color) = match hue(&bar.contender) {
        _ if ours => ("nimsync", None),
        Some(hue) => ("peer", Some(format!("hsl({hue},38%,56%)"))),
        None => ("peer other", None),
    };
    let across = at(bar.median) - zero;
    svg.rect(
        class,
        color.as_deref(),
        zero,
        middle - BAR / 2.0,
        across,
        BAR,
    );
    let (least, greatest) = (at(bar.least), at(bar.greatest));
    svg.line("spread", least, middle, greatest, middle);
    for end in [least, greatest] {
        svg.line("spread", end, middle - 3.0, end, middle + 3.0);
    }
    let beside = at(bar.median).max(greatest) + GAP;
    let value = if ours { "value ours" } else { "value" };
    svg.text(value, beside, baseline, Anchor::Start, &si(bar.median));
    svg.end_group();
}

/// A peer has its colour in all figures: steps of the golden angle around the
/// circle, which keep neighbours of this list apart.
fn hue(contender: &str) -> Option<u32> {
    const PEERS: [&str; 24] = [
        "tokio",
        "flume",
        "crossbeam",
        "async-channel",
        "kanal",
        "crossfire",
        "fibre",
        "chenal",
        "rapidfire",
        "tachyonix",
        "ArrayQueue",
        "rtrb",
        "gil",
        "nexus-queue",
        "disruptor",
        "async-executor",
        "nio",
        "smolscale",
        "tokio JoinSet",
        "actix",
        "kameo",
        "ractor",
        "xtra",
        "by_hand",
    ];
    let index = PEERS.iter().position(|peer| *peer == contender)?;
    Some((215 + index as u32 * 137) % 360)
}

/// Round numbers from zero to `end`, four at most.
pub(super) fn ticks(end: f64) -> Vec<f64> {
    let power = 10f64.powf((end / 4.0).log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    let step = steps.into_iter().find(|step| end / step < 4.0);
    let step = step.unwrap_or(10.0 * power);
    (0..4)
        .map(|n| step * f64::from(n))
        .filter(|tick| *tick <= end)
        .collect()
}

/// Three digits, and a letter for the thousands.
pub(super) fn si(value: f64) -> String {
    let scales = [(1e9, " G"), (1e6, " M"), (1e3, " k")];
    let scale = scales.into_iter().find(|(scale, _)| value >= *scale);
    let (scale, letter) = scale.unwrap_or((1.0, ""));
    let value = value / scale;
    // Zero, and what is round, need no decimals.
    let decimals = match value {
        v if v.fract() == 0.0 || v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}{letter}")
}

/// As [`si`], without the zeros that a round number does not need.
pub(super) fn round(value: f64) -> String {
    let text = si(value);
    match text.split_once(' ') {
        Some((number, letter)) if number.contains('.') => {
            let number = number.trim_end_matches('0').trim_end_matches('.');
            format!("{number} {letter}")
        }
        _ => text,
    }
}

/// Lines of `letters` at most where there are spaces to break at.
pub(super) fn wrap(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
