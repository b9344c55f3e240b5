//! Waiting for the end of a process.

use super::sys;
use crate::io::AsyncFd;
use crate::io::Interest;
use crate::runtime::background;
use crate::signal::{SignalKind, Signals, signal};
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, ExitStatus};

/// What tells that a process may have ended.
pub(super) enum Exit {
    /// A descriptor of the process, in the driver.
    Pidfd(AsyncFd<OwnedFd>),
    /// All children share it: each looks whether it was its own.
    Sigchld(Signals),
}

impl Exit {
    /// Begins to listen for the end of a child that was not waited for yet.
    pub(super) fn of(child: &Child) -> io::Result<Self> {
        let watched = sys::pidfd(child.id()).and_then(AsyncFd::with_blocking_kept);
        match watched {
            Ok(pidfd) => Ok(Self::Pidfd(pidfd)),
            // An old or a strict kernel, or descriptors are short.
            Err(_) => Self::by_signal(),
        }
    }

    fn by_signal() -> io::Result<Self> {
        Ok(Self::Sigchld(signal(SignalKind::child())?))
    }

    /// Waits for the child and reaps it. It may be dropped at any time.
    pub(super) async fn wait(&mut self, child: &mut Child) -> io::Result<ExitStatus> {
        match self {
            Self::Pidfd(pidfd) => {
                let reap = |_: &OwnedFd| match child.try_wait()? {
                    Some(status) => Ok(status),
                    None => Err(io::ErrorKind::WouldBlock.into()),
                };
                pidfd.async_io(Interest::Readable, reap).await
            }
            Self::Sigchld(signals) => loop {
                // The listener is older than this look, so no end is missed.
                if let Some(status) = child.try_wait()? {
                    return Ok(status);
                }
                signals.recv().await?;
            },
        }
    }
}

/// Waits for a child in the background. `keep` is dropped when it was reaped.
///
/// When the runtime ends first: a child that was killed is waited for there and
/// then; another one is left to live.
pub(super) fn reap(mut child: Child, mut exit: Exit, killed: bool, keep: impl Send + 'static) {
    background(async move {
        if exit.wait(&mut child).await.is_err() && killed {
            // The errors say that somebody else has reaped it.
            let _ = child.wait();
        }
        drop(keep);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Where there are no pidfds. The children end in another order than they are
    /// waited for, and at once.
    #[test]
    fn sigchld_tells_of_each_child() {
        crate::Runtime::builder()
            .workers(2)
            .build()
            .unwrap()
            .block_on(async {
                let waits = (0..20).rev().map(|n| async move {
                    let script = format!("sleep 0.0{n}; exit {n}");
                    let mut exit = Exit::by_signal().unwrap();
                    let mut child = Command::new("sh").args(["-c", &script]).spawn().unwrap();
                    let status = exit.wait(&mut child).await.unwrap();
                    assert_eq!(status.code(), Some(n));
                });
                futures::future::join_all(waits).await;
            });
    }

    #[test]
    fn without_pidfds_a_child_is_reaped_in_the_background() {
        let pid = crate::Runtime::local().build().unwrap().block_on(async {
            let exit = Exit::by_signal().unwrap();
            let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
            let pid = child.id();
            child.kill().unwrap();
            let (ended, end) = crate::channel::oneshot::<()>();
            reap(child, exit, true, ended);
            // The sender is dropped unused.
            assert!(end.await.is_err());
            pid
        });
        let gone = sys::kill(pid, false, SignalKind::from_raw(0)).unwrap_err();
        assert_eq!(gone.raw_os_error(), Some(libc::ESRCH));
    }
}
