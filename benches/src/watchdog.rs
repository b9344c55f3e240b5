//! Ends the process when a contender hangs.
//!
//! Some channels lose a wake-up once in a million, and a bench that waits for
//! ever says nothing. This one says who had its turn.

use std::process;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;
use std::time::Duration;

/// Far more than the longest turn; one that hangs is seen after twice this.
const LIMIT: Duration = Duration::from_secs(30);

static START: Once = Once::new();
static NOW: Mutex<Turn> = Mutex::new(Turn {
    count: 0,
    what: String::new(),
});

struct Turn {
    count: u64,
    /// Empty between the cases.
    what: String,
}

/// Says that `contender` begins its turn in `case`.
pub(crate) fn turn(case: &str, contender: &str) {
    START.call_once(|| {
        thread::spawn(watch);
    });
    set(format!("{contender} in {case}"));
}

/// Says that nobody has a turn.
pub(crate) fn rest() {
    set(String::new());
}

fn set(what: String) {
    let mut now = NOW.lock().unwrap_or_else(PoisonError::into_inner);
    now.count += 1;
    now.what = what;
}

fn watch() {
    let mut seen = 0;
    loop {
        thread::sleep(LIMIT);
        let now = NOW.lock().unwrap_or_else(PoisonError::into_inner);
        if now.count == seen && !now.what.is_empty() {
            eprintln!("{} hangs", now.what);
            process::exit(1);
        }
        seen = now.count;
    }
}
