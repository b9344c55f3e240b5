//! The system calls that the standard library does not have.

use crate::signal::SignalKind;
use std::io;
use std::os::fd::OwnedFd;

/// Sends a signal to a process, or with `group` to the process group that it
/// leads.
///
/// The process must be one that has not been waited for: then its number is its
/// own still.
pub(super) fn kill(pid: u32, group: bool, kind: SignalKind) -> io::Result<()> {
    let pid = i32::try_from(pid).map_err(io::Error::other)?;
    let target = if group { -pid } else { pid };
    // SAFETY: it has no requirements.
    match unsafe { libc::kill(target, kind.as_raw()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Returns a descriptor of a child process, which is readable when that has ended.
#[cfg(target_os = "linux")]
pub(super) fn pidfd(pid: u32) -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;

    const NO_FLAGS: libc::c_uint = 0;
    // SAFETY: it has no requirements. The descriptor is closed on `exec`.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, NO_FLAGS) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is new, and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// There is none here.
#[cfg(not(target_os = "linux"))]
pub(super) fn pidfd(_: u32) -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}
