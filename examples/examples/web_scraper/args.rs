//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
use nimsync_examples::seconds;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Follows the links of a web site, and draws the graph of them.
#[derive(Parser)]
#[command(
    name = "web_scraper",
    after_help = "Exit codes: 0 the crawl is done, 1 the first page could not be fetched or the graph \
                  not be written, 2 wrong arguments, 130 interrupted by ctrl-c (the graph has what \
                  was seen by then)."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Crawl a site, breadth first
    Crawl(Crawl),
    /// Serve a small site with all that a crawler has to cope with
    ServeDemo {
        /// Where to listen; port 0 takes any that is free
        #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8088")]
        listen: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct Crawl {
    /// Where to begin; other hosts are not followed, unless they are named
    #[arg(value_name = "URL", value_parser = address)]
    pub(crate) url: Url,

    /// Another host to follow links to; may be given several times
    #[arg(long = "host", value_name = "HOST")]
    pub(crate) hosts: Vec<String>,

    /// How many links away from the first page to go; a redirect counts as a link
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) depth: usize,

    /// How many pages to fetch at most
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) pages: u32,

    /// How many to fetch at a time
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) jobs: u32,

    /// How many requests a second to make to a host, unless it asks for fewer
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: u32,

    /// How long a page may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) timeout: Duration,

    /// How often to try again after what may pass: no connection, no answer in time, a
    /// status of 429 or 5xx
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) retries: u32,

    /// Trust the certificates in this file (PEM) in place of the public authorities
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// How to write the graph
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub(crate) format: Format,

    /// Where to write it, in place of the standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How a graph is written.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// What is known of each page, and its links
    Json,
    /// For Graphviz
    Dot,
}

fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        _ => Err("expected an address that begins with http:// or https://".to_owned()),
    }
}
