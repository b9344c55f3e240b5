//! What the programs in `examples/` share. Each of them is an example of nimsync.

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
