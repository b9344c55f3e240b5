//! Tests that need a process of their own.

use std::path::Path;
use std::process::Command;

/// Names the test that a process was started for.
const ALONE: &str = "NIMSYNC_TESTS_ALONE";

/// What such a process says at the end, so that a name that no test has is found.
const DONE: &str = "the test has come to its end";

/// Runs `body`, the whole of a test, in a process of its own, where it may count
/// descriptors and children, send signals, or set limits.
///
/// # Panics
///
/// If it fails there.
pub fn alone<F: FnOnce()>(body: F) {
    alone_within("true", body);
}

/// As [`alone`], with limits that a command of the shell sets, such as
/// `ulimit -n 40`.
///
/// # Panics
///
/// If it fails there.
pub fn alone_within<F: FnOnce()>(limits: &str, body: F) {
    let closure = std::any::type_name::<F>();
    let function = closure.strip_suffix("::{{closure}}").unwrap_or(closure);
    let (_, test) = function.split_once("::").expect("a path of modules");
    if std::env::var_os(ALONE).is_some_and(|name| name == test) {
        body();
        eprintln!("{DONE}");
        return;
    }
    let output = Command::new("sh")
        .args(["-c", &format!("{limits} && exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ALONE, test)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && errors.contains(DONE),
        "`{test}` alone: {}\n{told}\n{errors}",
        output.status
    );
}

/// How many descriptors this process has open.
///
/// # Panics
///
/// Where there is no `/proc`.
#[must_use]
pub fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// How many descriptors this process may have open.
///
/// # Panics
///
/// Where there is no `/proc`.
#[must_use]
pub fn most_descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let files = limits
        .lines()
        .find_map(|l| l.strip_prefix("Max open files"));
    let soft = files.and_then(|limits| limits.split_whitespace().next());
    soft.unwrap().parse().unwrap_or(usize::MAX)
}

/// How many bytes of this process are in memory.
///
/// # Panics
///
/// Where there is no `/proc`.
#[must_use]
pub fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let kilobytes = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let number = kilobytes.and_then(|text| text.split_whitespace().next());
    number.unwrap().parse::<usize>().unwrap() * 1024
}

/// The child processes of this one, dead ones included: their states, such as `S`
/// for one that sleeps and `Z` for a zombie.
///
/// # Panics
///
/// Where there is no `/proc`.
#[must_use]
pub fn children() -> Vec<char> {
    let own = std::process::id().to_string();
    let numbers = std::fs::read_dir("/proc").unwrap().flatten();
    let states = numbers.filter_map(|entry| {
        let (state, parent) = state_and_parent(&entry.path())?;
        (parent == own).then_some(state)
    });
    states.collect()
}

/// Whether there is a process of that number, a zombie included.
#[must_use]
pub fn exists(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}/stat")).exists()
}

fn state_and_parent(process: &Path) -> Option<(char, String)> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    // The name, in brackets, may have any characters in it.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    let state = words.next()?.chars().next()?;
    Some((state, words.next()?.to_owned()))
}
