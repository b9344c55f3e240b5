//! The client: a few threads with an epoll each, without a runtime.
//!
//! Each connection has one request on its way. The next follows when the answer
//! has come, whole and as expected.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::net::sockopt::set_socket_linger;

/// As many as the servers have workers.
const THREADS: usize = nimsync_benches::WORKERS;

/// What the client says, and what it expects to hear.
pub(crate) trait Protocol: Copy + Send + 'static {
    /// Appends a connection's request of that number.
    fn request(self, number: u64, into: &mut Vec<u8>);

    /// Tells whether all of the answer was received.
    ///
    /// # Panics
    ///
    /// Panics if this is not the answer, nor the beginning of it.
    fn is_answer(self, request: &[u8], received: &[u8]) -> bool;
}

/// Open connections, each of which has had an answer.
pub(crate) struct Connections<P>(Vec<Connection<P>>);

impl<P: Protocol> Connections<P> {
    /// Connects, and exchanges one message over each connection.
    pub(crate) fn open(address: SocketAddr, protocol: P, count: u64) -> Connections<P> {
        let connections = (0..count).map(|index| {
            // Far more than a connection has requests.
            let first = index << 32;
            Connection::open(address, protocol, first)
        });
        Connections(connections.collect())
    }

    /// Sends `each` requests over each connection. Returns how long each took, in
    /// nanoseconds, and how long all took.
    pub(crate) fn drive(self, each: u64) -> (Vec<u64>, Duration) {
        let mut shares: Vec<Vec<_>> = (0..THREADS).map(|_| Vec::new()).collect();
        for (index, connection) in self.0.into_iter().enumerate() {
            shares[index % THREADS].push(connection);
        }
        let start = Instant::now();
        let latencies = thread::scope(|s| {
            let threads: Vec<_> = (shares.iter_mut().filter(|share| !share.is_empty()))
                .map(|share| s.spawn(move || drive(share, each)))
                .collect();
            let latencies = threads.into_iter().map(|thread| thread.join());
            latencies
                .flat_map(|l| l.expect("the answers are right"))
                .collect()
        });
        (latencies, start.elapsed())
    }
}

/// Sends `each` requests over each of `connections`, and returns how long each took.
fn drive<P: Protocol>(connections: &mut [Connection<P>], each: u64) -> Vec<u64> {
    let mut latencies = Vec::with_capacity(connections.len() * each as usize);
    let ready = watch(connections);
    let now = Instant::now();
    for connection in &mut *connections {
        connection.send(now);
    }
    let mut left = vec![each; connections.len()];
    let mut unfinished = connections.len();
    let mut events = Vec::<Event>::with_capacity(256);
    while unfinished > 0 {
        events.clear();
        epoll::wait(&ready, rustix::buffer::spare_capacity(&mut events), None)
            .expect("epoll waits");
        for event in &events {
            let index = event.data.u64() as usize;
            let connection = &mut connections[index];
            if !connection.receive() {
                continue;
            }
            let now = Instant::now();
            latencies.push((now - connection.sent).as_nanos() as u64);
            left[index] -= 1;
            match left[index] {
                0 => unfinished -= 1,
                _ => connection.send(now),
            }
        }
    }
    latencies
}

/// Returns an epoll that tells which of `connections` can be read from, by index.
fn watch<P>(connections: &[Connection<P>]) -> OwnedFd {
    let ready = epoll::create(CreateFlags::CLOEXEC).expect("epoll can be had");
    for (index, connection) in connections.iter().enumerate() {
        let stream = &connection.stream;
        stream.set_nonblocking(true).expect("a socket can be that");
        let data = EventData::new_u64(index as u64);
        epoll::add(&ready, stream, data, EventFlags::IN).expect("epoll takes it");
    }
    ready
}

struct Connection<P> {
    protocol: P,
    stream: TcpStream,
    /// The number of the next request.
    next: u64,
    sent: Instant,
    request: Vec<u8>,
    received: Vec<u8>,
}

impl<P: Protocol> Connection<P> {
    fn open(address: SocketAddr, protocol: P, first: u64) -> Connection<P> {
        let stream = TcpStream::connect(address).expect("the server listens");
        // Thousands of closed connections would keep their ports for a minute.
        set_socket_linger(&stream, Some(Duration::ZERO)).expect("a socket has that option");
        let now = Instant::now();
        let mut connection = Connection {
            protocol,
            stream,
            next: first,
            sent: now,
            request: Vec::new(),
            received: Vec::new(),
        };
        connection.send(now);
        while !connection.receive() {}
        connection
    }

    fn send(&mut self, now: Instant) {
        self.request.clear();
        self.received.clear();
        self.protocol.request(self.next, &mut self.request);
        self.next += 1;
        self.sent = now;
        // It is short, and nothing else waits in the socket's buffer.
        self.stream
            .write_all(&self.request)
            .expect("the server reads");
    }

    /// Receives what is there, and tells whether that is all of the answer.
    fn receive(&mut self) -> bool {
        let mut bytes = [0; 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => panic!("the server has closed a connection"),
            Ok(count) => self.received.extend_from_slice(&bytes[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(error) => panic!("the server has broken a connection: {error}"),
        }
        self.protocol.is_answer(&self.request, &self.received)
    }
}
