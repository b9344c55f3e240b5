//! A server as a process of its own, and what it uses, seen from here.
//!
//! The process is this program with `--serve=KIND`. It says where it listens in a
//! line, and ends with its standard input: also when the bench was killed.

use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{self, Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

#[cfg(feature = "nimsync")]
use crate::ours;
use crate::peers;

const OPTION: &str = "--serve=";

/// Room for all connections of a case that nobody has accepted yet.
const BACKLOG: i32 = 4096;

/// A running server.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts the server of that kind, and waits until it listens.
    pub(crate) fn start(kind: &str) -> Server {
        let program = env::current_exe().expect("this program has a path");
        let mut process = Command::new(program)
            .arg(format!("{OPTION}{kind}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started again");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("a pipe can be read");
        let address = line.trim().parse().expect("the server says its address");
        Server { process, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the CPU time of all its threads so far, in user and kernel mode.
    pub(crate) fn cpu(&self) -> Duration {
        let process = self.process.id() as libc::pid_t;
        let mut clock = 0;
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: both pointers are to variables of the right types.
        let failed = unsafe {
            libc::clock_getcpuclockid(process, &mut clock) != 0
                || libc::clock_gettime(clock, &mut time) != 0
        };
        assert!(!failed, "the server has ended");
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }

    /// Returns its bytes that are in memory.
    pub(crate) fn resident(&self) -> u64 {
        let path = format!("/proc/{}/statm", self.process.id());
        let statm = fs::read_to_string(path).expect("the server is alive");
        let pages = statm.split(' ').nth(1).expect("the second is `resident`");
        let pages: u64 = pages.parse().expect("it is a number");
        pages * rustix::param::page_size() as u64
    }

    /// Waits until it uses no more CPU, but not for ever.
    pub(crate) fn settle(&self) {
        const LOOK_AGAIN: Duration = Duration::from_millis(5);
        const IDLE: Duration = Duration::from_micros(100);
        const LOOKS_AT_MOST: usize = 100;

        for _ in 0..LOOKS_AT_MOST {
            let before = self.cpu();
            thread::sleep(LOOK_AGAIN);
            if self.cpu() - before < IDLE {
                return;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which a turn has told then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves if this process was started for that, until its standard input ends.
pub(crate) fn run_if_asked() -> bool {
    let Some(kind) = env::args().find_map(|arg| Some(arg.strip_prefix(OPTION)?.to_owned())) else {
        return false;
    };
    thread::spawn(|| {
        // Nothing is sent: it ends, or it fails, and both mean the same.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    rustix::net::listen(&listener, BACKLOG).expect("a listener may listen again");
    println!("{}", listener.local_addr().expect("it is bound"));
    serve(&kind, listener);
    true
}

fn serve(kind: &str, listener: TcpListener) {
    match kind {
        #[cfg(feature = "nimsync")]
        "echo nimsync" => ours::echo(listener),
        #[cfg(feature = "nimsync")]
        "hello nimsync" => ours::hello(listener),
        #[cfg(feature = "nimsync")]
        "hello serve" => ours::hello_by_serve(listener),
        "echo tokio" => peers::tokio::echo(listener),
        "hello tokio" => peers::tokio::hello(listener),
        "echo smol" => peers::smol::echo(listener),
        "hello smol" => peers::smol::hello(listener),
        unknown => panic!("there is no server `{unknown}`"),
    }
}
