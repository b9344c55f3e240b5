//! How many connections the limit of open files leaves room for.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files besides connections: of the runtimes, and of the servers' pipes.
const OTHERS: u64 = 100;

/// Raises the limit as far as it goes without asking for rights, and returns it.
///
/// The servers inherit it.
pub(crate) fn raise() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).expect("the soft limit may be raised to the hard one");
    limit.maximum.unwrap_or(u64::MAX)
}

/// Returns how many connections `files` leave room for.
pub(crate) fn connections(files: u64) -> u64 {
    files.saturating_sub(OTHERS)
}

/// Tells whether there can be so many connections.
pub(crate) fn leaves(files: u64, connections: u64) -> bool {
    self::connections(files) >= connections
}
