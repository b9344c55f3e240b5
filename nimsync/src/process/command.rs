//! What to start.

use super::child::Child;
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, ExitStatus, Output, Stdio};

/// A program to start, with its arguments and surroundings.
///
/// # Examples
///
/// ```
/// use nimsync::io::{AsyncReadExt, AsyncWriteExt};
/// use nimsync::process::{Command, Stdio};
///
/// # nimsync::block_on(async {
/// let mut child = Command::new("tr")
///     .args(["a-z", "A-Z"])
///     .stdin(Stdio::piped())
///     .stdout(Stdio::piped())
///     .spawn()?;
/// let mut input = child.stdin.take().unwrap();
/// input.write_all(b"quietly").await?;
/// drop(input);
/// let mut text = String::new();
/// child.stdout.take().unwrap().read_to_string(&mut text).await?;
/// assert_eq!(text, "QUIETLY");
/// assert!(child.wait().await?.success());
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct Command {
    std: process::Command,
    set: Set,
    kill_on_drop: bool,
    new_group: bool,
}

/// Which streams were set: the others are inherited, unless all that the child
/// writes is collected.
#[derive(Clone, Copy, Default)]
struct Set {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

impl Command {
    /// A program by its path, or by a name that is looked for in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            std: process::Command::new(program),
            set: Set::default(),
            kill_on_drop: true,
            new_group: false,
        }
    }

    /// Adds an argument.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.std.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args(&mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        self.std.args(args);
        self
    }

    /// Sets a variable of the child's environment.
    pub fn env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.std.env(key, value);
        self
    }

    /// Sets variables of the child's environment.
    pub fn envs<K, V>(&mut self, vars: impl IntoIterator<Item = (K, V)>) -> &mut Self
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.std.envs(vars);
        self
    }

    /// Keeps a variable from being inherited.
    pub fn env_remove(&mut self, key: impl AsRef<OsStr>) -> &mut Self {
        self.std.env_remove(key);
        self
    }

    /// Keeps all variables from being inherited.
    pub fn env_clear(&mut self) -> &mut Self {
        self.std.env_clear();
        self
    }

    /// Sets the folder in which the child works.
    pub fn current_dir(&mut self, path: impl AsRef<Path>) -> &mut Self {
        self.std.current_dir(path);
        self
    }

    /// Sets the child's standard input; it inherits ours by default.
    pub fn stdin(&mut self, stdin: impl Into<Stdio>) -> &mut Self {
        self.set.stdin = true;
        self.std.stdin(stdin);
        self
    }

    /// Sets the child's standard output; it inherits ours by default, and
    /// [`output`](Self::output) has a pipe by default.
    pub fn stdout(&mut self, stdout: impl Into<Stdio>) -> &mut Self {
        self.set.stdout = true;
        self.std.stdout(stdout);
        self
    }

    /// Sets the child's standard error stream; as [`stdout`](Self::stdout).
    pub fn stderr(&mut self, stderr: impl Into<Stdio>) -> &mut Self {
        self.set.stderr = true;
        self.std.stderr(stderr);
        self
    }

    /// Whether the child is killed when its [`Child`] is dropped. It is, by
    /// default.
    ///
    /// If not, it lives on, also after the program. While the runtime lives it is
    /// waited for in the background.
    pub fn kill_on_drop(&mut self, kill: bool) -> &mut Self {
        self.kill_on_drop = kill;
        self
    }

    /// Makes the child the leader of a process group of its own, with all that it
    /// starts in turn. Signals go to the whole group then, also the one that kills
    /// it; ctrl-c in the terminal does not reach it any more.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::process::Command;
    ///
    /// # nimsync::block_on(async {
    /// // Killing the shell alone would leave `sleep` behind.
    /// let mut shell = Command::new("sh");
    /// shell.args(["-c", "sleep 1000; true"]).new_group(true);
    /// let mut child = shell.spawn()?;
    /// assert!(!child.kill().await?.success());
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn new_group(&mut self, new_group: bool) -> &mut Self {
        self.new_group = new_group;
        self
    }

    /// Gives access to the standard library's command, for what has no method
    /// here.
    pub fn as_std_mut(&mut self) -> &mut process::Command {
        &mut self.std
    }

    /// Starts the program.
    ///
    /// It is the call of the standard library, which blocks until the operating
    /// system has loaded the program: a millisecond, as a rule.
    ///
    /// # Errors
    ///
    /// What the operating system says, with the program's name; use outside of a
    /// runtime.
    pub fn spawn(&mut self) -> io::Result<Child> {
        if self.new_group {
            self.std.process_group(0);
        }
        // Before anything is started.
        crate::runtime::current_driver()?;
        let child = self.std.spawn().map_err(|error| self.not_started(error))?;
        Child::new(child, self.kill_on_drop, self.new_group)
    }

    /// Starts the program and waits for its end.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, so is the child: it is killed, by default.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn).
    pub async fn status(&mut self) -> io::Result<ExitStatus> {
        self.spawn()?.wait().await
    }

    /// Starts the program, and waits for its end and all that it writes.
    ///
    /// Its input is empty, unless set; what it writes is collected, unless set to
    /// go elsewhere. What was set by [`as_std_mut`](Self::as_std_mut) does not count.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, so is the child: it is killed, by default.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::process::Command;
    ///
    /// # nimsync::block_on(async {
    /// let output = Command::new("sh")
    ///     .args(["-c", "echo $WORD"])
    ///     .env("WORD", "hello")
    ///     .output()
    ///     .await?;
    /// assert!(output.status.success());
    /// assert_eq!(output.stdout, b"hello\n");
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn output(&mut self) -> io::Result<Output> {
        let set = self.set;
        if !set.stdin {
            self.std.stdin(Stdio::null());
        }
        if !set.stdout {
            self.std.stdout(Stdio::piped());
        }
        if !set.stderr {
            self.std.stderr(Stdio::piped());
        }
        let child = self.spawn();
        if !set.stdin {
            self.std.stdin(Stdio::inherit());
        }
        if !set.stdout {
            self.std.stdout(Stdio::inherit());
        }
        if !set.stderr {
            self.std.stderr(Stdio::inherit());
        }
        child?.output().await
    }

    fn not_started(&self, error: io::Error) -> io::Error {
        crate::io::error::on_name("start", self.std.get_program(), error)
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.std.fmt(f)
    }
}
