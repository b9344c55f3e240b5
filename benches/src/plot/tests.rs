use std::fs;
use std::path::Path;

use roxmltree::{Document, Node};

use super::layout::{round, si, ticks, wrap};
use super::{Bar, Figure, Panel, command};

const AWKWARD: &str = "<script> & \"quotes\" 'single' ]]> \u{1}";

fn bar(contender: &str, least: f64, median: f64, greatest: f64) -> Bar {
    Bar {
        contender: contender.to_owned(),
        least,
        median,
        greatest,
    }
}

fn figure(panels: usize) -> Figure {
    let bars = [
        bar("rtrb", 3e8, 5e8, 5.5e8),
        bar("nimsync", 3.9e8, 4e8, 4.1e8),
        bar(AWKWARD, 0.0, 1.0, 2e8),
        bar("took no time", 1e9, f64::INFINITY, f64::INFINITY),
    ];
    let panel = |n| Panel {
        name: format!("{AWKWARD} {n}"),
        // Panels of a row differ in height.
        bars: bars[..bars.len() - n % 2].to_vec(),
    };
    Figure {
        title: AWKWARD.to_owned(),
        panels: (0..panels).map(panel).collect(),
        command: format!("{AWKWARD} {}", "many words ".repeat(40)),
        ..Figure::new("nowhere.svg", "", true)
    }
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    let value = node.attribute(name).unwrap_or_else(|| panic!("no {name}"));
    let value: f64 = value.parse().unwrap();
    assert!(value.is_finite(), "{name} is {value}");
    value
}

/// Whatever has a place has it within the picture.
fn check(text: &str) {
    let document = Document::parse(text).unwrap();
    let root = document.root_element();
    let (width, height) = (number(root, "width"), number(root, "height"));
    let within = |x: f64, y: f64| (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
    let mut bars = 0;
    for node in root.descendants() {
        match node.tag_name().name() {
            "rect" => {
                let (x, y) = (number(node, "x"), number(node, "y"));
                let (across, down) = (number(node, "width"), number(node, "height"));
                assert!(across >= 0.0 && down >= 0.0);
                assert!(within(x, y) && within(x + across, y + down), "{node:?}");
                bars += usize::from(node.attribute("class") != Some("back"));
            }
            "line" => {
                assert!(within(number(node, "x1"), number(node, "y1")), "{node:?}");
                assert!(within(number(node, "x2"), number(node, "y2")), "{node:?}");
            }
            "text" => assert!(within(number(node, "x"), number(node, "y")), "{node:?}"),
            _ => {}
        }
    }
    let labels = root.descendants().filter(|node| {
        let class = node.attribute("class").unwrap_or_default();
        class.split(' ').any(|class| class == "label")
    });
    assert_eq!(labels.count(), bars, "a label for each bar");
}

#[test]
fn figures_are_xml_and_all_is_within_the_frame() {
    for panels in 0..6 {
        check(&figure(panels).draw(3));
    }
}

#[test]
fn text_comes_back_as_it_was() {
    let text = figure(1).draw(3);
    let document = Document::parse(&text).unwrap();
    let title = document
        .descendants()
        .find(|node| node.has_tag_name("title"));
    let title = title.unwrap().text().unwrap();
    assert_eq!(title, AWKWARD.replace('\u{1}', " "));
}

#[test]
fn a_longer_bar_is_a_greater_median() {
    let text = figure(1).draw(3);
    let document = Document::parse(&text).unwrap();
    let widths = document
        .descendants()
        .filter(|node| node.has_tag_name("rect") && node.attribute("class") != Some("back"))
        .map(|node| number(node, "width"));
    let widths: Vec<f64> = widths.collect();
    assert_eq!(widths.len(), 4);
    // As given: 5e8 for rtrb, 4e8 for nimsync.
    assert!((widths[0] / widths[1] - 1.25).abs() < 0.01, "{widths:?}");
}

#[test]
fn the_figures_of_the_book_are_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/figures");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        Document::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // Those that a bench has made say so.
        if text.contains("cargo bench") {
            check(&text);
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn numbers_ticks_and_lines() {
    let shown = [0.0, 950.0, 1e3, 1234.0, 12_345_678.0, 4.56e8, 2.5e9].map(si);
    assert_eq!(
        shown,
        ["0", "950", "1 k", "1.23 k", "12.3 M", "456 M", "2.50 G"]
    );
    assert_eq!(
        [0.0, 50.0, 2.5e6, 1e9].map(round),
        ["0", "50", "2.5 M", "1 G"]
    );
    assert_eq!(ticks(9.0), [0.0, 2.5, 5.0, 7.5]);
    assert_eq!(ticks(200.0), [0.0, 100.0, 200.0]);
    assert_eq!(wrap("aa bb cccc d", 5), ["aa bb", "cccc", "d"]);
}

#[test]
fn the_command_is_as_it_was_typed() {
    let args = [
        "/x/spawn-0123456789abcdef",
        "--quick",
        "--bench",
        "it's a case",
        "b",
    ];
    assert_eq!(
        command(args.map(str::to_owned).into_iter()),
        "cargo bench -p nimsync-benches --bench spawn -- --quick 'it'\\''s a case' b"
    );
}
