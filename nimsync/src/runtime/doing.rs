//! What another thread is doing, as Linux tells it.
//!
//! `/proc/self/task/<id>/syscall` has the number of the system call in which a
//! thread is blocked, or says that it runs. Where a kernel does not have that
//! file, the letter in `stat` at least tells blocked from running. Elsewhere
//! nothing is known.
//!
//! One look can mislead, as a thread that computes also allocates and locks now
//! and then. So the watchdog looks at each of its ticks, and [`Samples`] tells what
//! most of the last looks have in common.

use crate::tree::Doing;
use std::collections::VecDeque;

/// So many that one odd look is not counted for much, and so few that the report
/// is of what happens now.
const KEPT: usize = 16;

/// Returns the number of the calling thread, or 0 where it is not known.
pub(super) fn this_thread() -> u32 {
    if !cfg!(target_os = "linux") || cfg!(miri) {
        return 0;
    }
    // `<process>/task/<thread>`
    let link = std::fs::read_link("/proc/thread-self").ok();
    let name = link.as_ref().and_then(|link| link.file_name()?.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// The last looks at a thread.
#[derive(Default)]
pub(super) struct Samples(VecDeque<Doing>);

impl Samples {
    /// Looks at the thread of that number.
    pub(super) fn take(&mut self, thread: u32) {
        if let Some(doing) = look(thread) {
            self.add(doing);
        }
    }

    fn add(&mut self, doing: Doing) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(doing);
    }

    /// Whether blocked or running, and if blocked, the most frequent reason.
    pub(super) fn verdict(&self) -> Option<Doing> {
        let times = |doing: Doing| self.0.iter().filter(|other| **other == doing).count();
        if times(Doing::Computing) * 2 > self.0.len() {
            return Some(Doing::Computing);
        }
        let blocked = self.0.iter().filter(|doing| doing.is_blocked());
        blocked.copied().max_by_key(|doing| times(*doing))
    }
}

#[cfg(not(target_os = "linux"))]
fn look(_thread: u32) -> Option<Doing> {
    None
}

#[cfg(target_os = "linux")]
fn look(thread: u32) -> Option<Doing> {
    if thread == 0 {
        return None;
    }
    let read = |file: &str| std::fs::read_to_string(format!("/proc/self/task/{thread}/{file}"));
    match read("syscall") {
        Ok(text) => Some(in_call(&text)),
        Err(_) => in_state(&read("stat").ok()?),
    }
}

/// What the file `syscall` says: `running`, or a number and arguments; -1 stands
/// for a thread that the kernel has stopped elsewhere, such as in a page fault.
#[cfg(target_os = "linux")]
fn in_call(text: &str) -> Doing {
    let number = text.split_whitespace().next().unwrap_or_default();
    match number.parse::<libc::c_long>() {
        Err(_) => Doing::Computing,
        Ok(libc::SYS_futex) => Doing::Locked,
        Ok(libc::SYS_clock_nanosleep | libc::SYS_nanosleep) => Doing::Sleeping,
        Ok(number) => match CALLS.iter().find(|(known, _)| *known == number) {
            Some((_, name)) => Doing::Calling(name),
            None => Doing::Blocked,
        },
    }
}

/// What the file `stat` says: the letter behind the name, which is in brackets.
#[cfg(target_os = "linux")]
fn in_state(text: &str) -> Option<Doing> {
    let (_, rest) = text.rsplit_once(')')?;
    match rest.trim_start().chars().next()? {
        'R' => Some(Doing::Computing),
        'S' | 'D' => Some(Doing::Blocked),
        _ => None,
    }
}

/// Declares the calls that have a name here.
#[cfg(target_os = "linux")]
macro_rules! calls {
    ($($name:ident = $number:ident,)*) => {
        /// The calls in which threads are seen blocked, and that every Linux has.
        const CALLS: &[(libc::c_long, &str)] = &[$((libc::$number, stringify!($name)),)*];
    };
}

#[cfg(target_os = "linux")]
calls! {
    accept = SYS_accept,
    accept4 = SYS_accept4,
    connect = SYS_connect,
    epoll_pwait = SYS_epoll_pwait,
    fallocate = SYS_fallocate,
    fcntl = SYS_fcntl,
    fdatasync = SYS_fdatasync,
    flock = SYS_flock,
    fsync = SYS_fsync,
    getdents64 = SYS_getdents64,
    io_uring_enter = SYS_io_uring_enter,
    ioctl = SYS_ioctl,
    openat = SYS_openat,
    ppoll = SYS_ppoll,
    pread64 = SYS_pread64,
    pselect6 = SYS_pselect6,
    pwrite64 = SYS_pwrite64,
    read = SYS_read,
    readv = SYS_readv,
    recvfrom = SYS_recvfrom,
    recvmsg = SYS_recvmsg,
    renameat2 = SYS_renameat2,
    rt_sigtimedwait = SYS_rt_sigtimedwait,
    sendmsg = SYS_sendmsg,
    sendto = SYS_sendto,
    statx = SYS_statx,
    sync = SYS_sync,
    unlinkat = SYS_unlinkat,
    wait4 = SYS_wait4,
    waitid = SYS_waitid,
    write = SYS_write,
    writev = SYS_writev,
}

#[cfg(all(test, not(loom), not(shuttle), target_os = "linux", not(miri)))]
mod tests {
    use super::*;
    use std::sync::{Arc, mpsc};

    /// Looks at a thread until it is seen doing that. A look before it gets there
    /// says something else.
    fn until_seen(thread: u32, doing: Doing) {
        while look(thread).expect("the thread lives") != doing {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_thread_that_waits_is_seen_in_its_call() {
        let (tell, told) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            tell.send(this_thread()).unwrap();
            let _ = ended.recv();
        });
        until_seen(told.recv().unwrap(), Doing::Locked);
        drop(end);
        thread.join().unwrap();
    }

    #[test]
    fn a_thread_that_computes_is_seen_running() {
        let (tell, told) = mpsc::channel();
        let alive = Arc::new(());
        let end = Arc::downgrade(&alive);
        let thread = std::thread::spawn(move || {
            tell.send(this_thread()).unwrap();
            while end.strong_count() != 0 {
                std::hint::spin_loop();
            }
        });
        until_seen(told.recv().unwrap(), Doing::Computing);
        drop(alive);
        thread.join().unwrap();
    }

    #[test]
    fn files_of_proc_are_read_as_they_are() {
        assert_eq!(in_call("running\n"), Doing::Computing);
        assert_eq!(in_call("-1 0x7ffd 0x7f12\n"), Doing::Blocked);
        let read = format!(
            "{} 0x3 0x7f 0x400 0x0 0x0 0x0 0x7ff 0x7f1\n",
            libc::SYS_read
        );
        assert_eq!(in_call(&read), Doing::Calling("read"));
        assert_eq!(in_state("12 (a) R b) S 1 12"), Some(Doing::Blocked));
        assert_eq!(in_state("12 (worker) R 1 12"), Some(Doing::Computing));
        assert_eq!(in_state("12 (worker) Z 1 12"), None);
    }

    #[test]
    fn most_of_the_looks_decide() {
        let mut samples = Samples::default();
        assert_eq!(samples.verdict(), None);
        samples.add(Doing::Locked);
        samples.add(Doing::Computing);
        samples.add(Doing::Computing);
        assert_eq!(samples.verdict(), Some(Doing::Computing));
        samples.add(Doing::Sleeping);
        samples.add(Doing::Sleeping);
        assert_eq!(samples.verdict(), Some(Doing::Sleeping));
        for _ in 0..KEPT {
            samples.add(Doing::Calling("read"));
        }
        assert_eq!(samples.verdict(), Some(Doing::Calling("read")));
    }
}
