//! The memory of a connection that has nothing to do.

use crate::client::Connections;
use crate::echo::Echo;
use crate::server::Server;

/// Returns the bytes of a new server that `count` idle connections keep in memory,
/// each. What the kernel needs for them is not among these.
pub(crate) fn turn(kind: &str, count: u64) -> [f64; 1] {
    let server = Server::start(kind);
    // What the first connections bring along is the server's own.
    drop(Connections::open(server.address(), Echo, 10));
    server.settle();
    let before = server.resident();
    let open = Connections::open(server.address(), Echo, count);
    server.settle();
    let growth = server.resident() as f64 - before as f64;
    drop(open);
    [growth / count as f64]
}
