//! Errors that say on what something failed.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::Path;

/// What was tried, on what; the cause is the operating system's error.
#[derive(Debug)]
struct OnName {
    what: String,
    cause: io::Error,
}

/// Says in `error` what was tried on which path. Its kind stays.
pub(crate) fn on_path(verb: &str, path: &Path, error: io::Error) -> io::Error {
    with_cause(format!("{verb} `{}`", path.display()), error)
}

/// As [`on_path`], for two paths.
pub(crate) fn on_paths(verb: &str, from: &Path, to: &Path, error: io::Error) -> io::Error {
    let what = format!("{verb} `{}` to `{}`", from.display(), to.display());
    with_cause(what, error)
}

/// As [`on_path`], for another kind of name.
#[cfg(unix)]
pub(crate) fn on_name(verb: &str, name: &OsStr, error: io::Error) -> io::Error {
    with_cause(format!("{verb} `{}`", name.display()), error)
}

fn with_cause(what: String, cause: io::Error) -> io::Error {
    io::Error::new(cause.kind(), OnName { what, cause })
}

impl fmt::Display for OnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.cause)
    }
}

impl Error for OnName {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}
