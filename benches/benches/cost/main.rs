//! What an operation costs in instructions, counted by callgrind.
//!
//! Time says little about one or two per cent; instructions are the same from run
//! to run. Each case runs in a process of its own under valgrind, with n and with
//! 2n operations; the difference is what n of them take. One worker, whose clock
//! stands still, so that it looks at its timers as often as it does when nobody
//! slows it down.
//!
//! Built with `RUSTFLAGS="--cfg nimsync_uncounted"` it shows what is left without
//! statistics.

mod cases;

use cases::{CASES, Case};
use nimsync_benches::Bench;
use std::env;
use std::process::Command;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [case, times] = &args[..]
        && let (Some(name), Some(times)) =
            (case.strip_prefix("--case="), times.strip_prefix("--times="))
    {
        let case = CASES.iter().find(|case| case.name == name);
        let times = times.parse().expect("`--times` is a number");
        return case.expect("`--case` names a case").run(times);
    }
    let bench = Bench::from_args();
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("there is no valgrind: the cases run, nothing is counted");
        return CASES.iter().for_each(|case| case.run(case.times));
    }
    println!("{:<44}  instructions", "an operation");
    for case in CASES.iter().filter(|case| bench.selects(case.name)) {
        println!("{:<44}  {:>12.1}", case.name, instructions(case, &bench));
    }
}

/// Counts the instructions of an operation.
fn instructions(case: &Case, bench: &Bench) -> f64 {
    let times = bench.size(case.times);
    let more = collect(case.name, 2 * times);
    (more - collect(case.name, times)) / times as f64
}

/// Counts the instructions of a process that does a case's operation so often.
fn collect(name: &str, times: u64) -> f64 {
    let program = env::current_exe().expect("the program knows where it is");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .arg(format!("--case={name}"))
        .arg(format!("--times={times}"))
        .output()
        .expect("valgrind starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
    let collected = said
        .lines()
        .find_map(|line| line.split("Collected :").nth(1));
    let collected = collected.expect("callgrind says what it has counted");
    collected.trim().parse().expect("callgrind says a number")
}
