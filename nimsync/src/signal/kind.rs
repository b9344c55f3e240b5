//! Which signal.

use std::fmt;

/// A kind of signal.
///
/// # Examples
///
/// ```
/// use nimsync::signal::SignalKind;
///
/// assert_eq!(SignalKind::interrupt().to_string(), "SIGINT");
/// assert_eq!(SignalKind::from_raw(15), SignalKind::terminate());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SignalKind(i32);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $constant:ident;)*) => {
        impl SignalKind {
            $($(#[$doc])*
            #[must_use]
            pub const fn $name() -> Self {
                Self(libc::$constant)
            })*

            fn name(self) -> Option<&'static str> {
                match self.0 {
                    $(libc::$constant => Some(stringify!($constant)),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// `SIGALRM`: a timer of the operating system has run out.
    alarm = SIGALRM;
    /// `SIGCHLD`: a child process has ended or stopped.
    child = SIGCHLD;
    /// `SIGHUP`: the terminal is gone; by custom, to read the configuration anew.
    hangup = SIGHUP;
    /// `SIGINT`: ctrl-c.
    interrupt = SIGINT;
    /// `SIGIO`: a descriptor has become ready.
    io = SIGIO;
    /// `SIGPIPE`: a write to a pipe that nobody reads. Rust programs ignore it.
    pipe = SIGPIPE;
    /// `SIGQUIT`: ctrl-\\.
    quit = SIGQUIT;
    /// `SIGTERM`: the request to end.
    terminate = SIGTERM;
    /// `SIGUSR1`: what the program makes of it.
    user_defined1 = SIGUSR1;
    /// `SIGUSR2`: what the program makes of it.
    user_defined2 = SIGUSR2;
    /// `SIGWINCH`: the size of the terminal has changed.
    window_change = SIGWINCH;
}

impl SignalKind {
    /// The kind of a number of the operating system.
    #[must_use]
    pub const fn from_raw(number: i32) -> Self {
        Self(number)
    }

    /// Returns the number that the operating system has for it.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }

    /// What a task that waits for it is said to wait for.
    pub(super) fn label(self) -> &'static &'static str {
        match self.0 {
            libc::SIGINT => &"ctrl-c",
            libc::SIGTERM => &"the request to terminate",
            libc::SIGCHLD => &"the end of a child process",
            _ => &"a signal",
        }
    }
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "signal {}", self.0),
        }
    }
}

impl fmt::Debug for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
