//! The floors of the house: a file uses only its own folder and lower floors.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders and files of the library, from the lowest floor up.
const FLOORS: &[&[&str]] = &[
    &["prim", "json"],
    &["wait", "stats", "trace"],
    &["time", "tree"],
    &["cancel", "channel"],
    &["task"],
    &["retry", "runtime"],
    &["group", "io", "signal"],
    &["fs", "process", "net", "stream", "actor"],
    &["tls"],
    &["http"],
    &[
        "entry",
        "benchmark",
        "inspect",
        "macros",
        "prelude",
        "__private",
        "lib",
    ],
];

fn floor(module: &str) -> usize {
    FLOORS
        .iter()
        .position(|floor| floor.contains(&module))
        .unwrap_or_else(|| panic!("`{module}` has no floor: add it to FLOORS"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_module_uses_a_higher_floor() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nimsync/src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for file in files {
        let relative = file.strip_prefix(&root).unwrap();
        let first = relative.components().next().unwrap();
        let own = Path::new(first.as_os_str())
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap();
        for line in fs::read_to_string(&file).unwrap().lines() {
            let Some(rest) = line.split("crate::").nth(1) else {
                continue;
            };
            if line.trim_start().starts_with("//") || !line.contains("use crate::") {
                continue;
            }
            let used: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if used.is_empty() || own == "lib" {
                continue;
            }
            arrows += 1;
            let higher = floor(&used) > floor(own);
            let beside = floor(&used) == floor(own) && used != own && floor(own) + 1 < FLOORS.len();
            if higher || beside {
                wrong.push(format!("{}: {}", relative.display(), line.trim()));
            }
        }
    }
    assert!(arrows > 20, "the test has lost its eyes");
    assert!(
        wrong.is_empty(),
        "upward or sideways:\n{}",
        wrong.join("\n")
    );
}
