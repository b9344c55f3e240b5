//! A process that was started.

use super::exit::{self, Exit};
use super::pipes::{ChildStderr, ChildStdin, ChildStdout};
use super::sys;
use crate::cancel;
use crate::io::AsyncReadExt;
use crate::signal::SignalKind;
use crate::task::Adoption;
use futures::future::try_join3;
use futures::io::AsyncRead;
use std::fmt;
use std::io;
use std::process::{self, ExitStatus, Output};
use std::time::Duration;

/// A child process.
///
/// Dropping it kills the process, unless the [`Command`](super::Command) says
/// otherwise, and the task that drops it does not end before the process has.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use nimsync::process::Command;
///
/// # nimsync::block_on(async {
/// let mut child = Command::new("sleep").arg("1000").spawn()?;
/// assert!(with_timeout!(1.milliseconds(), child.wait()).await.is_err());
/// // The wait was dropped, the child was not.
/// assert!(child.try_wait()?.is_none());
/// let status = child.terminate(1.seconds()).await?;
/// assert_eq!(status.to_string(), "signal: 15 (SIGTERM)");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct Child {
    /// The writing end of its input, if that is a pipe.
    pub stdin: Option<ChildStdin>,
    /// The reading end of its output, if that is a pipe.
    pub stdout: Option<ChildStdout>,
    /// The reading end of its error stream, if that is a pipe.
    pub stderr: Option<ChildStderr>,
    state: State,
    kill_on_drop: bool,
    /// Whether it leads a process group.
    group: bool,
}

enum State {
    /// Not reaped, so its number is its own.
    Running {
        child: process::Child,
        exit: Exit,
    },
    Ended(ExitStatus),
    /// While it is dropped.
    Left,
}

impl Child {
    pub(super) fn new(
        mut child: process::Child,
        kill_on_drop: bool,
        group: bool,
    ) -> io::Result<Self> {
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let exit = match Exit::of(&child) {
            Ok(exit) => exit,
            Err(error) => {
                child.kill()?;
                child.wait()?;
                return Err(error);
            }
        };
        // If descriptors are short now, dropping it sees to the process.
        let mut child = Self {
            stdin: None,
            stdout: None,
            stderr: None,
            state: State::Running { child, exit },
            kill_on_drop: true,
            group,
        };
        child.stdin = stdin.map(ChildStdin::new).transpose()?;
        child.stdout = stdout.map(ChildStdout::new).transpose()?;
        child.stderr = stderr.map(ChildStderr::new).transpose()?;
        child.kill_on_drop = kill_on_drop;
        Ok(child)
    }

    /// Returns its number, or `None` if its end has been seen: then the number may
    /// be another process's.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        match &self.state {
            State::Running { child, .. } => Some(child.id()),
            State::Ended(_) | State::Left => None,
        }
    }

    /// Waits for its end.
    ///
    /// Its input is closed first, if it is still here: a child that reads to the end
    /// would wait for us otherwise. What it writes into pipes has to be read
    /// meanwhile, or a full pipe keeps it from ending: [`output`](Self::output) does.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time, and be called again.
    ///
    /// # Errors
    ///
    /// If somebody else has waited for it; when the runtime has ended.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        let status = match &mut self.state {
            State::Running { child, exit } => exit.wait(child).await?,
            State::Ended(status) => return Ok(*status),
            State::Left => unreachable!("it is dropped"),
        };
        self.state = State::Ended(status);
        Ok(status)
    }

    /// Returns how it has ended, or `None` if it has not.
    ///
    /// # Errors
    ///
    /// If somebody else has waited for it.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = match &mut self.state {
            State::Running { child, .. } => child.try_wait()?,
            State::Ended(status) => return Ok(Some(*status)),
            State::Left => unreachable!("it is dropped"),
        };
        if let Some(status) = status {
            self.state = State::Ended(status);
        }
        Ok(status)
    }

    /// Sends a signal: to its whole group, if it was given one. Nothing happens if
    /// its end has been seen.
    ///
    /// # Errors
    ///
    /// What the operating system says: `PermissionDenied` if the process has taken
    /// on another user.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::process::Command;
    /// use nimsync::signal::SignalKind;
    ///
    /// # nimsync::block_on(async {
    /// let mut child = Command::new("sleep").arg("1000").spawn()?;
    /// child.signal(SignalKind::hangup())?;
    /// assert_eq!(child.wait().await?.to_string(), "signal: 1 (SIGHUP)");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn signal(&mut self, kind: SignalKind) -> io::Result<()> {
        match &self.state {
            State::Running { child, .. } => sys::kill(child.id(), self.group, kind),
            State::Ended(_) | State::Left => Ok(()),
        }
    }

    /// Kills it, and waits for its end.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, the child is killed all the same, and may be waited for.
    ///
    /// # Errors
    ///
    /// As [`signal`](Self::signal) and [`wait`](Self::wait).
    pub async fn kill(&mut self) -> io::Result<ExitStatus> {
        self.signal(SignalKind::from_raw(libc::SIGKILL))?;
        self.wait().await
    }

    /// Asks it to end, with `SIGTERM`, and waits for that; after `grace`, kills it.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, the child has been asked, and may be waited for.
    ///
    /// # Errors
    ///
    /// As [`signal`](Self::signal) and [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use nimsync::process::Command;
    ///
    /// # nimsync::block_on(async {
    /// let mut child = Command::new("sleep").arg("60").spawn()?;
    /// assert!(child.try_wait()?.is_none());
    /// let status = child.terminate(5.seconds()).await?;
    /// assert!(!status.success());
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn terminate(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        self.signal(SignalKind::terminate())?;
        match cancel::timeout(grace, self.wait()).await {
            Ok(status) => status,
            Err(_) => self.kill().await,
        }
    }

    /// Waits for its end, and collects what it writes into pipes.
    ///
    /// If it has started others that hold its pipes open, it waits for those too.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, so is the child, and what was collected.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait), and errors of the pipes.
    pub async fn output(mut self) -> io::Result<Output> {
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        let ended = try_join3(self.wait(), collect(stdout), collect(stderr));
        let (status, stdout, stderr) = ended.await?;
        Ok(Output {
            status,
            stdout,
            stderr,
        })
    }
}

async fn collect(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

impl Drop for Child {
    fn drop(&mut self) {
        // It fails for a process that has taken on another user. That one lives on.
        let killed = self.kill_on_drop && self.signal(SignalKind::from_raw(libc::SIGKILL)).is_ok();
        let State::Running { mut child, exit } = std::mem::replace(&mut self.state, State::Left)
        else {
            return;
        };
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        if crate::runtime::current_driver().is_ok() {
            // A process that lives on is nothing to wait for.
            let waiting = killed.then(Adoption::by_current);
            exit::reap(child, exit, killed, waiting);
        } else if killed {
            // Nobody here could do it later. It takes as long as a process takes
            // to die. An error says that somebody else has reaped it.
            let _ = child.wait();
        }
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
