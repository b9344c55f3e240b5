//! The command line.

use clap::Parser;
use nimsync_examples::seconds;
use std::time::Duration;

/// Serves rooms in which people talk, over lines of TCP and in the browser.
#[derive(Parser)]
#[command(
    name = "chat_server",
    after_help = "Commands of the line protocol: type /help after connecting with chat_client \
                  (or with telnet).\n\
                  Exit codes: 0 everybody was told and has gone, 1 it could not listen or some had \
                  to be cut off, 2 wrong arguments."
)]
pub(crate) struct Args {
    /// Where to listen for lines; port 0 takes any that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:7007")]
    pub(crate) listen: String,

    /// Where to serve the page for browsers
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) web: Option<String>,

    /// How many may be connected at once, at each of the two doors
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// How many rooms there may be
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rooms: u32,

    /// How many lines a room remembers
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) history: usize,

    /// How long a room that nobody is in keeps them
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub(crate) linger: Duration,

    /// How many lines a second are taken from one connection; the rest waits
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: u32,

    /// How long a line may take to get out before its reader is dropped
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) patience: Duration,

    /// How long a connection may take to give a name
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) introduction: Duration,

    /// How long connections may go on after ctrl-c
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub(crate) grace: Duration,
}
