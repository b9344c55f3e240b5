//! What the programs in `examples/` share. Each of them is an example of nimsync.

pub mod serving;
pub mod sums;
pub mod web;

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Parses a number of seconds on the command line, such as `2` or `0.5`.
///
/// # Errors
///
/// If it is not a number, not above zero, or too large for a [`Duration`].
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds, such as `2` or `0.5`".to_owned())?;
    if seconds > 0.0 {
        Duration::try_from_secs_f64(seconds).map_err(|_| "that is too long".to_owned())
    } else {
        Err("the time has to be above zero".to_owned())
    }
}

/// Prints an error with all that is behind it, as `{:#}` does for those of `anyhow`.
#[derive(Debug)]
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
