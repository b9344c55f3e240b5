//! The page, over loopback.

use nimsync::inspect::{self, Inspector, Options};
use nimsync::prelude::*;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

/// Sends a request as it is, and returns the answer.
fn send(inspector: &Inspector, request: &str) -> String {
    let mut stream = TcpStream::connect(inspector.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(inspector: &Inspector, target: &str) -> String {
    send(
        inspector,
        &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    )
}

/// Returns the body of an answer that is fine.
fn body(inspector: &Inspector, target: &str) -> String {
    let answer = get(inspector, target);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let length = format!("Content-Length: {}", body.len());
    assert!(head.lines().any(|line| line == length), "{head}");
    body.to_owned()
}

/// Returns the numbers after each `"key":` of nodes whose title has `title`.
fn keys(state: &str, title: &str) -> Vec<String> {
    let nodes = state.split(r#"{"key":"#).skip(1);
    let ours = nodes.filter(|node| {
        let own = node.split(r#""children""#).next().unwrap();
        own.contains(title)
    });
    ours.map(|node| node.split(',').next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let page = body(&inspector, "/");
    assert!(page.starts_with("<!doctype html>"));
    assert!(!page.contains("http://") && !page.contains("https://"));
    assert!(page.contains("width=device-width"));
}

#[test]
fn the_state_has_the_tree_as_far_as_it_is_open() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let runtime = nimsync::Runtime::builder()
        .workers(2)
        .thread_name("seen-by-page");
    runtime.build().unwrap().block_on(async move {
        let (_tx, _rx) = channel::named("inspected <b>").mpsc::<u8>(4);
        task_group!(name = "clients", |g| {
            for _ in 0..100_000 {
                g.task("client").service(std::future::pending::<()>());
            }
            for i in 0..70 {
                g.task(format!("one-{i}"))
                    .service(std::future::pending::<()>());
            }
            // Once all are polled, none is shown apart from the others.
            while nimsync::tree()
                .to_string()
                .matches("service `client`")
                .count()
                > 1
                || !nimsync::tree()
                    .to_string()
                    .contains("100,000 × service `client`")
            {
                nimsync::yield_now().await;
            }
            nimsync::unblock(move || look(&inspector)).await;
        })
        .await
        .unwrap();
    });

    fn look(inspector: &Inspector) {
        let state = body(inspector, "/state");
        assert!(state.contains("100,000 × service `client`"), "{state}");
        assert!(state.len() < 60_000, "{} bytes", state.len());
        // What comes from the program is no markup.
        assert!(state.contains(r"inspected \u003cb\u003e"), "{state}");
        // A long list is cut, and can be had as a whole.
        let group = keys(&state, "group `clients`");
        assert_eq!(group.len(), 1, "{state}");
        assert!(!state.contains("`one-69`") && state.contains(r#""more":21"#));
        let whole = body(inspector, &format!("/state?whole={}", group[0]));
        assert!(whole.contains("`one-69`"));
        // A node is closed and opened again by its key, which stays the same.
        let closed = body(inspector, &format!("/state?toggled={}", group[0]));
        assert_eq!(keys(&closed, "group `clients`"), group);
        assert!(!closed.contains("service `client`"), "{closed}");
        let tree = body(inspector, "/tree.txt");
        assert!(tree.contains("100,000 × service `client`"));
        assert!(body(inspector, "/tree.dot").starts_with("digraph"));
        let json = body(inspector, "/tree.json");
        assert_eq!(json.matches(r#""name":"client""#).count(), 100_000);
    }
}

#[test]
fn what_is_looked_for_is_shown_with_what_is_above_it() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let runtime = nimsync::Runtime::local().thread_name("searched").build();
    runtime.unwrap().block_on(async move {
        task_group!(name = "upper", |g| {
            g.task("other one").service(std::future::pending::<()>());
            g.task("parent").service(async {
                task_group!(name = "middle", |h| {
                    h.task("Needle & thread")
                        .service(std::future::pending::<()>());
                    std::future::pending::<()>().await;
                })
                .await
            });
            nimsync::yield_now().await;
            nimsync::yield_now().await;
            let shown = |find: &str| body(&inspector, &format!("/state?find={find}"));
            // No case, and written as an address has it.
            let state = shown("needle+%26");
            for title in [
                "`searched`",
                "root #",
                "`upper`",
                "`parent`",
                "`middle`",
                "Needle & thread",
            ] {
                assert_eq!(keys(&state, title).len(), 1, "{title}: {state}");
            }
            assert!(!state.contains("`other one`"), "{state}");
            // What is below a find is there as well.
            let state = shown("upper");
            assert!(state.contains("`parent`") && state.contains("`other one`"));
            let state = shown("nothing%20is%20called%20so");
            assert!(state.contains(r#""tree":[]"#), "{state}");
        })
        .await
        .unwrap();
    });
}

#[test]
fn what_is_json_is_json() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let builder = nimsync::Runtime::builder().workers(1).trace(100);
    let builder = builder.watchdog(1.milliseconds()).on_stall(|_| {});
    let runtime = builder.measure_busy(true).build().unwrap();
    runtime.block_on(async move {
        let (tx, _rx) = channel::named("a \"name\" \\ with\nlines").unbounded();
        tx.try_send(1).unwrap();
        task_group!(name = "</script>", timeout = 1.minutes(), |g| {
            g.task("\u{1}\t'é").service(std::future::pending::<()>());
            nimsync::yield_now().await;
            for path in ["/state", "/state?find=%e2%28", "/tree.json", "/trace.json"] {
                let text = body(&inspector, path);
                let parsed: Result<serde_json::Value, _> = serde_json::from_str(&text);
                parsed.unwrap_or_else(|error| panic!("{path}: {error}: {text}"));
            }
        })
        .await
        .unwrap();
    });
}

#[test]
fn it_answers_when_every_worker_is_stuck() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let runtime = nimsync::Runtime::local()
        .thread_name("stuck-worker")
        .build();
    runtime.unwrap().block_on(async move {
        // Blocks the only worker.
        assert!(body(&inspector, "/tree.txt").contains("stuck-worker"));
    });
}

#[test]
fn metrics_are_open_metrics() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let (mut tx, _rx) = channel::named("metric \"jobs\"").spsc::<u8>(4);
    tx.try_send(1).unwrap();
    let metrics = body(&inspector, "/metrics");
    assert!(metrics.ends_with("\n# EOF\n"));
    let depth = r#"nimsync_channel_depth{name="metric \"jobs\"",kind="channel""#;
    let depth = metrics.lines().find(|line| line.starts_with(depth));
    assert!(depth.unwrap().ends_with(" 1"), "{metrics}");
    // Each sample belongs to the family before it, and has a number.
    let mut family = "";
    for line in metrics.lines().filter(|line| *line != "# EOF") {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap();
        } else if !line.starts_with("# HELP ") {
            assert!(line.starts_with(family), "{line} in {family}");
            let number = line.rsplit(' ').next().unwrap();
            assert!(number.parse::<u64>().is_ok(), "{line}");
        }
    }
}

#[test]
fn requests_that_are_wrong_are_refused() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let status = |request: &str| send(&inspector, request)[9..12].to_owned();
    assert_eq!(status("GET /no HTTP/1.1\r\nHost: localhost\r\n\r\n"), "404");
    assert_eq!(status("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "405");
    assert_eq!(status("what is this\r\n\r\n"), "400");
    // A name of the web that points here.
    assert_eq!(
        status("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        "403"
    );
    assert_eq!(status("GET / HTTP/1.1\r\n\r\n"), "403");
    for host in ["127.0.0.1:99", "[::1]:99", "[::1]", "LOCALHOST:1"] {
        let request = format!("GET /tree.txt HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(status(&request), "200", "{host}");
    }
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(70_000));
    assert_eq!(status(&long), "431");
}

#[test]
fn a_token_is_wanted_where_others_can_reach() {
    let refused = inspect::serve("0.0.0.0:0").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    assert!(refused.to_string().contains("set a token"), "{refused}");

    let inspector = Options::new().token("s3cret").serve("0.0.0.0:0").unwrap();
    assert!(inspector.url().ends_with("/?token=s3cret"));
    let status = |request: &str| send(&inspector, request)[9..12].to_owned();
    assert_eq!(
        status("GET /state HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        "401"
    );
    assert_eq!(status("GET /state?token=s3cres HTTP/1.1\r\n\r\n"), "401");
    assert_eq!(status("GET /state?token=s3cret2 HTTP/1.1\r\n\r\n"), "401");
    assert_eq!(status("GET /state?token=s3cret HTTP/1.1\r\n\r\n"), "200");
    let bearer = "GET /state HTTP/1.1\r\nAuthorization: Bearer s3cret\r\n\r\n";
    assert_eq!(status(bearer), "200");
}

#[test]
fn it_ends_when_it_is_dropped() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let address = inspector.address();
    drop(inspector);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_connection_that_says_nothing_keeps_nobody_out() {
    let inspector = inspect::serve("127.0.0.1:0").unwrap();
    let _silent = TcpStream::connect(inspector.address()).unwrap();
    assert!(body(&inspector, "/").contains("<title>"));
}
