//! Errors that say on what something failed.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::Path;

/// What the errors of `fs` and `process` have inside: what was tried, on what, and
/// the operating system's error.
///
/// Its text has that of the cause in it. So the cause is not the `source()`, which
/// would have whoever prints the whole chain print it twice; here it is, for its
/// number.
///
/// # Examples
///
/// ```
/// use nimsync::io::NamedError;
///
/// # nimsync::block_on(async {
/// let error = nimsync::fs::read("no/such/file").await.unwrap_err();
/// assert!(error.to_string().starts_with("read `no/such/file`: No such file"));
/// let named = error.get_ref().and_then(|e| e.downcast_ref::<NamedError>());
/// assert_eq!(named.unwrap().cause().raw_os_error(), Some(2));
/// # });
/// ```
#[derive(Debug)]
pub struct NamedError {
    what: String,
    cause: io::Error,
}

impl NamedError {
    /// Returns the operating system's error.
    #[must_use]
    pub fn cause(&self) -> &io::Error {
        &self.cause
    }
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
    io::Error::new(cause.kind(), NamedError { what, cause })
}

impl fmt::Display for NamedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.cause)
    }
}

impl Error for NamedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}
