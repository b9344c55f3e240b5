//! Four things that go wrong in programs, each found from the page, from the tree
//! and from the log alone, as docs/inspect.md has it.

#![allow(unreachable_pub, reason = "visible methods are messages")]

use nimsync::inspect::{self, Inspector};
use nimsync::prelude::*;
use nimsync::{Builder, Runtime};
use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver, Sender};

fn get(inspector: &Inspector, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(inspector.address()).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Asks for a path until the answer has all of `parts` in one of its objects or
/// lines; returns that.
fn until_shown(inspector: &Inspector, path: &str, parts: &[&str]) -> String {
    loop {
        let answer = get(inspector, path);
        let mut pieces = answer.split(['{', '\n']);
        if let Some(piece) = pieces.find(|piece| parts.iter().all(|part| piece.contains(part))) {
            return piece.to_owned();
        }
        std::thread::yield_now();
    }
}

/// A log of which the lines are received, and what writes to it.
fn log() -> (Sender<String>, Receiver<String>) {
    mpsc::channel()
}

fn until_logged(log: &Receiver<String>, part: &str) -> String {
    log.iter().find(|line| line.contains(part)).unwrap()
}

fn watched(name: &str, log: &Sender<String>) -> Builder {
    let (stalls, backlogs) = (log.clone(), log.clone());
    Runtime::builder()
        .workers(2)
        .thread_name(name)
        .watchdog(20.milliseconds())
        .on_stall(move |stall| drop(stalls.send(stall.to_string())))
        .on_backlog(50, move |channel| drop(backlogs.send(channel.to_string())))
}

/// Runs `program` in the background until `look` has returned.
fn while_it_runs(
    runtime: &Runtime,
    program: impl Future<Output = ()> + Send + 'static,
    look: impl FnOnce(&Inspector),
) {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let (done, ended) = nimsync::channel::oneshot::<()>();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            runtime.block_on(async {
                task_group!(|g| {
                    g.task("program").service(program);
                    let _ = ended.await;
                })
                .await
                .unwrap();
            });
        });
        look(&inspector);
        done.send(()).unwrap();
    });
}

#[test]
fn a_stuck_program() {
    let (tell, told) = log();
    let builder = Runtime::builder().workers(1).thread_name("symptom-stuck");
    let report = move |tree: &nimsync::Tree| drop(tell.send(tree.to_string()));
    let builder = builder.on_idle_deadlock(10.milliseconds(), report);
    let runtime = builder.build().unwrap();
    let program = async {
        let (_forgotten, mut answers) = channel::named("answers").spsc::<u8>(1);
        let _ = answers.recv().await;
    };
    while_it_runs(&runtime, program, |inspector| {
        let why = "recv on `answers`";
        let node = until_shown(inspector, "/state", &["service `program`", why]);
        assert!(node.contains(r#""at":"symptoms.rs:"#), "{node}");
        let line = until_shown(inspector, "/tree.txt", &["service `program`", why]);
        assert!(line.contains("(symptoms.rs:"), "{line}");
        let log = until_logged(&told, "runtime `symptom-stuck`");
        assert!(
            log.contains(why) && log.contains("service `program`"),
            "{log}"
        );
    });
}

#[test]
fn a_slow_poll() {
    let (tell, told) = log();
    let runtime = watched("symptom-slow", &tell).build().unwrap();
    let (go_on, held) = mpsc::channel::<()>();
    let program = async move {
        // Until it has been seen.
        let _ = held.recv();
    };
    while_it_runs(&runtime, program, |inspector| {
        let linux = cfg!(target_os = "linux");
        let why = if linux { "waits for a lock" } else { "" };
        let name = r#""name":"program""#;
        let stall = until_shown(
            inspector,
            "/state",
            &[name, "symptom-slow", "lasted_us", why],
        );
        assert!(stall.contains("symptoms.rs:"), "{stall}");
        assert!(!linux || stall.contains("or do it in `unblock`"), "{stall}");
        let node = until_shown(
            inspector,
            "/state",
            &["`program`", r#""stall":"in one poll for"#],
        );
        assert!(node.contains(why), "{node}");
        let line = until_shown(
            inspector,
            "/tree.txt",
            &["`program`", "in one poll for", why],
        );
        assert!(line.contains("(symptoms.rs:"), "{line}");
        let log = until_logged(&told, "task `program`");
        assert!(
            log.contains("in one poll for") && log.contains(why),
            "{log}"
        );
        drop(go_on);
        // When it is over the page still has it.
        until_shown(inspector, "/state", &[name, "took_us", why]);
    });
    let slow = runtime.slow_polls();
    assert!(
        slow.iter()
            .any(|poll| poll.name.as_deref() == Some("program"))
    );
    assert!(runtime.stalls().is_empty());
}

#[test]
fn a_leaky_channel() {
    let (tell, told) = log();
    let runtime = watched("symptom-leak", &tell).build().unwrap();
    let program = async {
        let (clicks, _forgotten) = channel::named("leaky-clicks").unbounded();
        for click in 0..120 {
            clicks.try_send(click).unwrap();
        }
        std::future::pending::<()>().await;
    };
    while_it_runs(&runtime, program, |inspector| {
        let row = until_shown(inspector, "/state", &["leaky-clicks", r#""depth":120"#]);
        assert!(row.contains(r#""received":0"#), "{row}");
        assert!(!row.contains("capacity"), "{row}");
        let line = until_shown(inspector, "/tree.txt", &["channel `leaky-clicks`"]);
        assert!(
            line.contains("has 120 messages waiting and no bound"),
            "{line}"
        );
        let log = until_logged(&told, "leaky-clicks");
        assert!(log.starts_with("channel `leaky-clicks` has "), "{log}");
        assert!(log.contains(" and no bound; ") && log.contains(" 0 received, 1 sender"));
    });
}

#[actor(mailbox = 60)]
struct Slow;

#[actor]
impl Slow {
    pub async fn write(&mut self, _line: u32) {
        std::future::pending::<()>().await;
    }
}

#[test]
fn a_mailbox_that_grows() {
    let (tell, told) = log();
    let runtime = watched("symptom-mailbox", &tell).build().unwrap();
    let program = async {
        let system = ActorSystem::new();
        let ledger = system.named("slow-ledger").spawn(Slow).ok().unwrap();
        for line in 0..100 {
            let _ = ledger.write(line).tell().await;
        }
    };
    while_it_runs(&runtime, program, |inspector| {
        let row = until_shown(inspector, "/state", &["slow-ledger", r#""depth":60"#]);
        assert!(row.contains(r#""kind":"actor""#) && row.contains(r#""capacity":60"#));
        let parts = ["service `program`", "room in the mailbox of `slow-ledger`"];
        until_shown(inspector, "/tree.txt", &parts);
        let line = until_shown(inspector, "/tree.txt", &["mailbox `slow-ledger`"]);
        assert!(
            line.contains("has 60 messages waiting and is full"),
            "{line}"
        );
        let log = until_logged(&told, "slow-ledger");
        assert!(log.starts_with("mailbox `slow-ledger` has "), "{log}");
    });
}
