//! The documents hang together: the book has every page, and links lead somewhere.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages of the book, by the names of their files.
fn pages() -> BTreeSet<String> {
    fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .collect()
}

/// The lines of a document that are no code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// A line without its code spans.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// The targets of the links in a document.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let line = without_code(line);
        for rest in line.split("](").skip(1) {
            let end = rest.find(')').expect("a link ends in its line");
            found.push(rest[..end].to_owned());
        }
    }
    found
}

/// The anchors of a document's headings, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen = HashMap::new();
    prose(text)
        .filter_map(|line| {
            line.trim_start_matches('#')
                .strip_prefix(' ')
                .filter(|_| line.starts_with('#'))
        })
        .map(|heading| {
            let anchor: String = heading
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect();
            let before = seen.entry(anchor.clone()).or_insert(0);
            *before += 1;
            match *before - 1 {
                0 => anchor,
                number => format!("{anchor}-{number}"),
            }
        })
        .collect()
}

/// The path within the repository that an address of its pages leads to.
fn of_the_repository(link: &str) -> Option<&str> {
    let path = link.strip_prefix(env!("CARGO_PKG_REPOSITORY"))?;
    path.strip_prefix("/blob/main/")
        .or_else(|| path.strip_prefix("/tree/main/"))
}

/// What is wrong with a link to a file of this repository.
fn broken(document: &Path, link: &str) -> Option<&'static str> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match (of_the_repository(path), path) {
        (Some(path), _) => root().join(path),
        (None, _) if link.contains("://") || link.starts_with("mailto:") => return None,
        (None, "") => document.to_owned(),
        (None, path) => document.parent().unwrap().join(path),
    };
    if !target.exists() {
        return Some("there is no such file");
    }
    // The book is these pages only: what is beside them has to be named in full.
    let is_page = document.parent() == Some(&root().join("docs"));
    if is_page && path.starts_with("../") {
        return Some("the book has only what is in its folder");
    }
    (!anchor.is_empty() && !anchors(&read(&target)).contains(anchor))
        .then_some("there is no such heading")
}

#[test]
fn the_book_has_every_page_once() {
    let mut listed = links(&read(&root().join("docs/SUMMARY.md")));
    listed.sort();
    let pages: Vec<_> = pages().into_iter().collect();
    assert_eq!(listed, pages);
}

#[test]
fn the_blocks_of_every_page_are_tests() {
    let tests = read(&root().join("docs/src/lib.rs"));
    for page in pages() {
        let include = format!("include_str!(\"../{page}\")");
        assert!(tests.contains(&include), "docs/src/lib.rs lacks {page}");
    }
}

#[test]
fn every_figure_is_on_a_page() {
    let docs = root().join("docs");
    let shown: BTreeSet<String> = pages()
        .iter()
        .flat_map(|page| links(&read(&docs.join(page))))
        .collect();
    let mut seen = 0;
    for entry in fs::read_dir(docs.join("figures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let link = format!("figures/{name}");
        assert!(shown.contains(&link), "no page shows {link}");
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn links_lead_to_files_and_headings() {
    let root = root();
    let mut documents: Vec<_> = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs/SUMMARY.md",
    ]
    .iter()
    .map(|name| root.join(name))
    .collect();
    documents.extend(pages().iter().map(|page| root.join("docs").join(page)));
    let mut checked = 0;
    let mut wrong = Vec::new();
    for document in &documents {
        for link in links(&read(document)) {
            checked += 1;
            if let Some(why) = broken(document, &link) {
                let name = document.strip_prefix(&root).unwrap();
                wrong.push(format!("{}: {link}: {why}", name.display()));
            }
        }
    }
    assert!(checked > 50, "the test has lost its eyes");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_is_no_link_and_what_is_an_anchor() {
    let text = "# One: `two_three`!\n\n[a](x.md#b) `[c](d)`\n\n```text\n# no heading\n[e](f)\n```\n\n## Same\n\n## Same\n";
    assert_eq!(links(text), ["x.md#b"]);
    let expected = ["one-two_three", "same", "same-1"].map(str::to_owned);
    assert_eq!(anchors(text), expected.into());
    let here = root().join("README.md");
    assert!(broken(&here, "nosuch.md").is_some());
    assert!(broken(&here, "docs/guide.md#nosuch").is_some());
    assert!(broken(&here, "https://example.org/x").is_none());
    let repository = env!("CARGO_PKG_REPOSITORY");
    assert!(broken(&here, repository).is_none());
    assert!(broken(&here, &format!("{repository}/blob/main/README.md")).is_none());
    assert!(broken(&here, &format!("{repository}/blob/main/nosuch.md")).is_some());
    let page = root().join("docs/guide.md");
    assert!(broken(&page, "start.md").is_none());
    assert!(broken(&page, "../README.md").is_some());
}
