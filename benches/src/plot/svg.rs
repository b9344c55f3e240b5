//! Writes SVG: elements, attributes, text that is escaped.

use std::fmt::Write;

/// The looks. `currentColor` would be the page's only where the picture is part
/// of it, so it has colours of its own for both kinds of screens.
const STYLE: &str = "
  .back { fill: #ffffff; stroke: #d5d9de; }
  text { font-family: system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #24292f; }
  .title { font-size: 17px; font-weight: 600; }
  .small { font-size: 12px; fill: #57606a; }
  .name { font-size: 13.5px; font-weight: 600; }
  .label, .value { font-size: 12.5px; }
  .value { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round; }
  .tick { font-size: 11px; fill: #57606a; }
  .command { font-size: 10px; fill: #57606a; font-family: ui-monospace, 'DejaVu Sans Mono', monospace; }
  .ours { font-weight: 700; }
  .nimsync { fill: #e8590c; }
  .other { fill: #868e96; }
  .grid { stroke: #e3e6ea; }
  .axis { stroke: #8c959f; }
  .spread { stroke: #24292f; stroke-opacity: 0.75; }
  @media (prefers-color-scheme: dark) {
    .back { fill: #161b22; stroke: #30363d; }
    text { fill: #e6edf3; }
    .small, .tick, .command { fill: #9aa4af; }
    .value { stroke: #161b22; }
    .nimsync { fill: #ff8a3d; }
    .grid { stroke: #2b3138; }
    .axis { stroke: #6e7681; }
    .spread { stroke: #e6edf3; }
  }
";

/// Where a text stands, seen from its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture under way.
pub(super) struct Svg {
    out: String,
}

impl Svg {
    /// An empty picture with a background. `title` and `description` are for
    /// who does not see it.
    pub(super) fn new(width: f64, height: f64, title: &str, description: &str) -> Svg {
        let mut svg = Svg { out: String::new() };
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\">"
        ));
        svg.put(format_args!("<title>{}</title>", escape(title)));
        svg.put(format_args!("<desc>{}</desc>", escape(description)));
        svg.put(format_args!("<style>{STYLE}</style>"));
        svg.put(format_args!(
            "<rect class=\"back\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>",
            width - 1.0,
            height - 1.0
        ));
        svg
    }

    pub(super) fn text(&mut self, class: &str, x: f64, y: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.put(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        ));
    }

    pub(super) fn rect(
        &mut self,
        class: &str,
        color: Option<&str>,
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    ) {
        let color = color.map_or(String::new(), |color| {
            format!(" fill=\"{}\"", escape(color))
        });
        self.put(format_args!(
            "<rect class=\"{class}\"{color} x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{width:.1}\" height=\"{height:.1}\"/>"
        ));
    }

    pub(super) fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        self.put(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    /// Begins what belongs together; `title` is shown when it is pointed at.
    pub(super) fn group(&mut self, title: &str) {
        self.put(format_args!("<g><title>{}</title>", escape(title)));
    }

    pub(super) fn end_group(&mut self) {
        self.put(format_args!("</g>"));
    }

    pub(super) fn finish(mut self) -> String {
        self.put(format_args!("</svg>"));
        self.out
    }

    fn put(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.out, "{line}").expect("a string takes what is written");
    }
}

/// Text that may stand between tags and in attributes. Control characters,
/// which XML does not allow, become spaces.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
