//! What keeps a poll from ending.

use std::fmt;

/// What the thread of a poll that does not end is doing, as
/// [`Stall::doing`](crate::Stall::doing) has it.
///
/// It is sampled several times while the poll goes on, and the sample that most
/// have in common is told. [`Display`](fmt::Display) says it in words, and
/// [`advice`](Self::advice) what to do about it.
///
/// # Examples
///
/// ```
/// use nimsync::Doing;
///
/// let doing = Doing::Calling("recvfrom");
/// assert!(doing.is_blocked());
/// assert_eq!(doing.to_string(), "is in a system call that blocks (`recvfrom`)");
/// assert!(doing.advice().contains("nimsync::net"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Doing {
    /// It computes, or would if it were given a processor.
    Computing,
    /// It waits for a lock, a condition, a channel of `std`, or the end of a
    /// thread.
    Locked,
    /// It is in [`std::thread::sleep`] or its like.
    Sleeping,
    /// It is in this system call.
    Calling(&'static str),
    /// It does not run; in which call it is cannot be read here.
    Blocked,
}

/// System calls by what takes their place in a task.
const NET: &[&str] = &[
    "accept", "accept4", "connect", "recvfrom", "recvmsg", "sendmsg", "sendto",
];
const FILES: &[&str] = &[
    "fallocate",
    "fdatasync",
    "fsync",
    "getdents64",
    "newfstatat",
    "openat",
    "pread64",
    "pwrite64",
    "renameat2",
    "statx",
    "sync",
    "unlinkat",
];
const PIPES: &[&str] = &["read", "readv", "write", "writev"];
const PROCESSES: &[&str] = &["wait4", "waitid"];

impl Doing {
    /// Tells whether the thread waits for something, instead of computing.
    #[must_use]
    pub fn is_blocked(self) -> bool {
        self != Self::Computing
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Computing => {
                "let it `yield_now().await` now and then, or give the work to `unblock`"
            }
            Self::Locked => {
                "hold locks for a moment only and wait for threads by a `channel`, or do it in \
                 `unblock`"
            }
            Self::Sleeping => "use `nimsync::sleep`",
            Self::Calling(call) if NET.contains(&call) => "use `nimsync::net`, or `unblock`",
            Self::Calling(call) if FILES.contains(&call) => "use `nimsync::fs`, or `unblock`",
            Self::Calling(call) if PIPES.contains(&call) => {
                "use `nimsync::fs` for files and `nimsync::io` for the rest, or `unblock`"
            }
            Self::Calling(call) if PROCESSES.contains(&call) => {
                "use `nimsync::process`, or `unblock`"
            }
            Self::Calling(_) | Self::Blocked => "use `unblock`, or the async twin of the call",
        }
    }
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Computing => f.write_str("computes"),
            Self::Locked => f.write_str("waits for a lock or another thread (`futex`)"),
            Self::Sleeping => f.write_str("sleeps with its worker (`clock_nanosleep`)"),
            Self::Calling(call) => write!(f, "is in a system call that blocks (`{call}`)"),
            Self::Blocked => f.write_str("is in a call that blocks"),
        }
    }
}
