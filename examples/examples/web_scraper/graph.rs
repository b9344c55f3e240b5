//! The pages that were seen, and how they link to each other.

use crate::args::Format;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt::Write;
use url::Url;

/// What became of a page.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Fetched {
        status: u16,
        kind: String,
        bytes: usize,
        title: Option<String>,
    },
    Redirect(u16),
    /// The site asks robots not to fetch it.
    Forbidden,
    Failed(String),
}

/// A page, and where it links to.
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) depth: usize,
    pub(crate) outcome: Outcome,
    pub(crate) links: Vec<Url>,
}

impl Page {
    /// Whether links to it lead nowhere.
    pub(crate) fn is_dead(&self) -> bool {
        match self.outcome {
            Outcome::Fetched { status, .. } => status >= 400,
            Outcome::Failed(_) => true,
            Outcome::Redirect(_) | Outcome::Forbidden => false,
        }
    }
}

/// As JSON has it.
impl Serialize for Page {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Default, Serialize)]
        struct Flat<'a> {
            url: &'a str,
            depth: usize,
            state: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<u16>,
            #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
            kind: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            bytes: Option<usize>,
            #[serde(skip_serializing_if = "Option::is_none")]
            title: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            error: Option<&'a str>,
            links: Vec<&'a str>,
        }
        let mut flat = Flat {
            url: self.url.as_str(),
            depth: self.depth,
            links: self.links.iter().map(Url::as_str).collect(),
            ..Flat::default()
        };
        match &self.outcome {
            Outcome::Fetched {
                status,
                kind,
                bytes,
                title,
            } => {
                flat.state = "fetched";
                flat.status = Some(*status);
                flat.kind = Some(kind);
                flat.bytes = Some(*bytes);
                flat.title = title.as_deref();
            }
            Outcome::Redirect(status) => {
                flat.state = "redirect";
                flat.status = Some(*status);
            }
            Outcome::Forbidden => flat.state = "forbidden",
            Outcome::Failed(error) => {
                flat.state = "failed";
                flat.error = Some(error);
            }
        }
        flat.serialize(serializer)
    }
}

/// All pages, in the order in which they were found.
#[derive(Default, Serialize)]
pub(crate) struct Graph {
    pub(crate) pages: Vec<Page>,
}

impl Graph {
    pub(crate) fn write(&self, format: Format) -> Result<String, serde_json::Error> {
        match format {
            Format::Json => Ok(serde_json::to_string_pretty(self)? + "\n"),
            Format::Dot => Ok(self.dot()),
        }
    }

    /// For Graphviz: dead pages red, forbidden ones grey, those that were not visited
    /// dotted, redirects dashed.
    fn dot(&self) -> String {
        let mut numbers = BTreeMap::new();
        let mut out = String::from("digraph site {\n  rankdir=LR;\n  node [shape=box];\n");
        for page in &self.pages {
            let number = numbers.len();
            numbers.insert(&page.url, number);
            let look = match page.outcome {
                _ if page.is_dead() => ", color=red",
                Outcome::Forbidden => ", color=grey",
                _ => "",
            };
            let _ = writeln!(out, "  n{number} [label={}{look}];", quoted(&page.url));
        }
        for page in &self.pages {
            for link in &page.links {
                let new = numbers.len();
                let to = *numbers.entry(link).or_insert_with(|| {
                    let _ = writeln!(out, "  n{new} [label={}, style=dotted];", quoted(link));
                    new
                });
                let look = match page.outcome {
                    Outcome::Redirect(_) => " [style=dashed]",
                    _ => "",
                };
                let from = numbers[&page.url];
                let _ = writeln!(out, "  n{from} -> n{to}{look};");
            }
        }
        out + "}\n"
    }

    /// One line about all of it, and one for each dead link.
    pub(crate) fn summary(&self) -> String {
        let count = |wanted: fn(&Page) -> bool| self.pages.iter().filter(|p| wanted(p)).count();
        let mut out = format!(
            "{} pages, {} redirects, {} dead, {} forbidden",
            count(|page| matches!(page.outcome, Outcome::Fetched { status, .. } if status < 400)),
            count(|page| matches!(page.outcome, Outcome::Redirect(_))),
            count(Page::is_dead),
            count(|page| matches!(page.outcome, Outcome::Forbidden)),
        );
        for page in self.pages.iter().filter(|page| page.is_dead()) {
            let why = match &page.outcome {
                Outcome::Fetched { status, .. } => status.to_string(),
                Outcome::Failed(error) => error.clone(),
                Outcome::Redirect(_) | Outcome::Forbidden => continue,
            };
            let linking = self.pages.iter().find(|p| p.links.contains(&page.url));
            let from = linking.map(|p| format!(", linked from {}", p.url));
            let _ = write!(out, "\n{}: {why}{}", page.url, from.unwrap_or_default());
        }
        out
    }
}

fn quoted(url: &Url) -> String {
    format!("\"{}\"", url.as_str().replace('"', "\\\""))
}
