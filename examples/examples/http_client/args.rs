//! The command line.

use clap::Parser;
use nimsync_examples::seconds;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Fetches many addresses at once, and prints what came of each.
#[derive(Parser)]
#[command(
    name = "http_client",
    after_help = "Exit codes: 0 all were fetched with a status of 2xx, 1 some were not, or the file \
                  could not be read, 2 wrong arguments, 130 interrupted by ctrl-c (the table has \
                  what was done by then)."
)]
pub(crate) struct Args {
    /// Addresses
    #[arg(value_name = "URL", value_parser = address, required_unless_present = "file")]
    pub(crate) urls: Vec<Url>,

    /// A file with more of them, one on each line; `-` is the standard input
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// How many are fetched at a time
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// How long an attempt may take, body included
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) timeout: Duration,

    /// How often to try again after what may pass: no connection, no answer in time, a
    /// status of 429 or 5xx
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(crate) retries: u32,

    /// How long to wait before that; twice as long each time
    #[arg(long, value_name = "SECONDS", default_value = "0.2", value_parser = seconds)]
    pub(crate) backoff: Duration,

    /// How long a pause a server may ask for (`Retry-After`); one that asks for more is not
    /// tried again
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) longest_pause: Duration,

    /// Trust the certificates in this file (PEM) in place of the public authorities
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// How many redirects to follow
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) redirects: usize,
}

/// Parses an address.
pub(crate) fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        _ => Err("expected an address that begins with http:// or https://".to_owned()),
    }
}
