//! Servers under load: what a request costs, and an idle connection.
//!
//! Each server is a process of its own: this program, started again. The client
//! is here, the same for all of them, and uses no runtime. The servers of a case
//! live until it ends, idle while another has its turn.

use nimsync_benches::{Bench, Case};

mod client;
mod echo;
mod hello;
mod idle;
mod limit;
#[cfg(feature = "nimsync")]
mod ours;
mod peers;
mod percentile;
mod server;

use client::{Connections, Protocol};
use server::Server;

/// What a turn of [`under_load`] measures.
const COLUMNS: [&str; 5] = ["requests/s", "CPU ns/req", "p50 us", "p99 us", "p99.9 us"];

fn main() {
    if server::run_if_asked() {
        return;
    }
    let bench = Bench::from_args();
    let files = limit::raise();

    for (connections, n) in [(1, 20_000), (64, 100_000), (1_000, 100_000)] {
        if !limit::leaves(files, connections) {
            println!("no echo with {connections} connections: {files} open files are allowed");
            continue;
        }
        let name = format!("echo of 64 bytes, connections: {connections}");
        let n = bench.size(n);
        let mut case = bench.case(&name, COLUMNS);
        #[cfg(feature = "nimsync")]
        under_load(
            &mut case,
            "nimsync",
            "echo nimsync",
            echo::Echo,
            connections,
            n,
        );
        under_load(&mut case, "tokio", "echo tokio", echo::Echo, connections, n);
        under_load(&mut case, "smol", "echo smol", echo::Echo, connections, n);
        case.run();
    }

    let n = bench.size(100_000);
    let mut case = bench.case("hello by hyper, connections: 64", COLUMNS);
    #[cfg(feature = "nimsync")]
    {
        under_load(&mut case, "nimsync", "hello nimsync", hello::Hello, 64, n);
        under_load(
            &mut case,
            "nimsync http::serve",
            "hello serve",
            hello::Hello,
            64,
            n,
        );
    }
    under_load(&mut case, "tokio", "hello tokio", hello::Hello, 64, n);
    under_load(&mut case, "smol", "hello smol", hello::Hello, 64, n);
    case.run();

    let most = bench.size(10_000);
    let count = limit::connections(files).min(most);
    let mut case = bench.case(&format!("idle connections: {count}"), ["resident B"]);
    #[cfg(feature = "nimsync")]
    case.add("nimsync", || idle::turn("echo nimsync", count));
    case.add("tokio", || idle::turn("echo tokio", count));
    case.add("smol", || idle::turn("echo smol", count));
    case.run();
}

/// Adds a server that gets `n` requests over `connections` in each turn.
fn under_load(
    case: &mut Case<'_, 5>,
    name: &'static str,
    kind: &'static str,
    protocol: impl Protocol,
    connections: u64,
    n: u64,
) {
    let mut server = None;
    case.add(name, move || {
        let server = server.get_or_insert_with(|| Server::start(kind));
        let open = Connections::open(server.address(), protocol, connections);
        let each = n.div_ceil(connections);
        server.settle();
        let before = server.cpu();
        let (mut latencies, wall) = open.drive(each);
        let cpu = server.cpu() - before;

        let answers = latencies.len() as u64;
        assert_eq!(answers, each * connections, "each request has its answer");
        latencies.sort_unstable();
        let micros = |share| percentile::of(&latencies, share) / 1e3;
        [
            answers as f64 / wall.as_secs_f64(),
            cpu.as_nanos() as f64 / answers as f64,
            micros(0.5),
            micros(0.99),
            micros(0.999),
        ]
    });
}
