//! A web page that shows what a program is doing.
//!
//! [`serve`] starts a small server on a thread of its own, so it answers also
//! when every worker of the program is stuck.
//!
//! | path | what |
//! |---|---|
//! | `/` | the page: the live tree, workers and rates, channels and mailboxes, slow polls |
//! | `/state` | the same as JSON |
//! | `/tree.json`, `/tree.txt`, `/tree.dot` | the whole tree |
//! | `/trace.json` | the trace, of runtimes that are traced |
//! | `/metrics` | the statistics as OpenMetrics text, for Prometheus |
//!
//! # Who may look
//!
//! Without a token the server listens on loopback addresses only, and answers
//! only requests that name one as their host, so that a page of the web cannot
//! reach it through a name that it has pointed there. With a token
//! ([`Options::token`]) it may listen anywhere, and wants the token in each
//! request: `/?token=..`, or the header `Authorization: Bearer ..`. Nothing is
//! encrypted. The server only reads; there is nothing that it could change.
//!
//! # Examples
//!
//! ```
//! use std::io::{Read, Write};
//!
//! let inspector = nimsync::inspect::serve("127.0.0.1:0")?;
//! println!("look at {}", inspector.url());
//!
//! let mut stream = std::net::TcpStream::connect(inspector.address())?;
//! stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.1 200 OK"));
//! assert!(answer.ends_with("# EOF\n"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod answers;
mod http;
mod metrics;

use http::{Request, Response};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Connections that are served at once; more are closed.
const MOST: usize = 16;
/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts the server on a loopback address, as [`Options::new`] describes it.
///
/// It runs until what is returned is dropped.
///
/// # Errors
///
/// What the operating system says; or that the address is no loopback address,
/// for which a token is needed.
pub fn serve(address: impl ToSocketAddrs) -> io::Result<Inspector> {
    Options::new().serve(address)
}

/// How to [`serve`].
#[derive(Clone, Default)]
#[must_use = "options do nothing by themselves"]
pub struct Options {
    token: Option<Arc<str>>,
}

impl Options {
    /// No token: loopback only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wants this in each request, and allows any address to listen on.
    ///
    /// It is compared byte by byte in a time that does not depend on where it
    /// differs. Letters and digits need no escaping in an address.
    ///
    /// # Panics
    ///
    /// If the token is empty.
    pub fn token(mut self, token: impl Into<Arc<str>>) -> Self {
        let token = token.into();
        assert!(!token.is_empty(), "an empty token keeps nobody out");
        self.token = Some(token);
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// As [`serve`].
    pub fn serve(self, address: impl ToSocketAddrs) -> io::Result<Inspector> {
        let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
        let open = addresses.iter().find(|address| !address.ip().is_loopback());
        if let (Some(address), None) = (open, &self.token) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("{address} can be reached by others: set a token to inspect from there"),
            ));
        }
        let listener = TcpListener::bind(&*addresses)?;
        let address = listener.local_addr()?;
        let stopping = Arc::new(AtomicBool::new(false));
        let token = self.token.clone();
        let stop = stopping.clone();
        let thread = std::thread::Builder::new()
            .name("nimsync-inspect".to_owned())
            .spawn(move || accept(&listener, &self, &stop))?;
        Ok(Inspector {
            address,
            token,
            stopping,
            thread: Some(thread),
        })
    }
}

/// A server that runs; dropping it ends it.
#[must_use = "the server ends when this is dropped"]
pub struct Inspector {
    address: SocketAddr,
    token: Option<Arc<str>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Inspector {
    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the page, with the token if there is one.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.token {
            Some(token) => format!("http://{}/?token={token}", self.address),
            None => format!("http://{}/", self.address),
        }
    }
}

impl Drop for Inspector {
    fn drop(&mut self) {
        // Release pairs with the acquire in `accept`, though the connection
        // below orders it anyway.
        self.stopping.store(true, Ordering::Release);
        // Gets the thread out of `accept`.
        let mut address = self.address;
        if address.ip().is_unspecified() {
            let loopback = match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            };
            address.set_ip(loopback);
        }
        let reached = TcpStream::connect_timeout(&address, PATIENCE).is_ok();
        if let Some(thread) = self.thread.take()
            && reached
        {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The body of the server's thread.
fn accept(listener: &TcpListener, options: &Options, stopping: &AtomicBool) {
    let served = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        // Acquire pairs with the release in `Inspector::drop`.
        if stopping.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else {
            // Perhaps out of descriptors.
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        // Relaxed: a count by itself. Only this thread adds to it.
        if served.load(Ordering::Relaxed) >= MOST {
            continue;
        }
        // Relaxed: as above.
        served.fetch_add(1, Ordering::Relaxed);
        let (options, count) = (options.clone(), Leave(served.clone()));
        let thread = std::thread::Builder::new().name("nimsync-inspect".to_owned());
        // If there is no thread for it, the connection is closed.
        let _ = thread.spawn(move || {
            let _count = count;
            // Who has gone away needs no answer.
            let _ = answer(stream, &options);
        });
    }
}

struct Leave(Arc<AtomicUsize>);

impl Drop for Leave {
    fn drop(&mut self) {
        // Relaxed: a count by itself.
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves one request.
fn answer(mut stream: TcpStream, options: &Options) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let response = match Request::read(&mut stream)? {
        Ok(request) => respond(&request, options),
        Err(refusal) => refusal,
    };
    response.write(&mut stream)
}

fn respond(request: &Request, options: &Options) -> Response {
    match &options.token {
        Some(token) if !request.has_token(token) => {
            return Response::text(401, "this needs a token: add `?token=..` to the address\n");
        }
        None if !request.names_loopback() => {
            return Response::text(403, "without a token only `localhost` is served\n");
        }
        _ => {}
    }
    if request.method != "GET" {
        return Response::text(405, "there is nothing here but to read\n");
    }
    answers::get(request)
}
