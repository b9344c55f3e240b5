//! Names and addresses.

use crate::runtime::unblock;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

/// Where to connect or to bind to: addresses, or a name and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Addresses, to be tried in order.
    Addresses(Vec<SocketAddr>),
    /// A name that the system's resolver is asked for, and a port.
    Name(String, u16),
}

/// What says where to connect or to bind to.
///
/// Addresses, `("name", port)`, and texts such as `"127.0.0.1:80"`, `"[::1]:80"`,
/// `"example.org:80"`.
pub trait ToEndpoint {
    /// Returns it as an [`Endpoint`].
    ///
    /// # Errors
    ///
    /// `InvalidInput` if it is a text without a port.
    fn to_endpoint(&self) -> io::Result<Endpoint>;
}

fn one(address: impl Into<SocketAddr>) -> io::Result<Endpoint> {
    Ok(Endpoint::Addresses(vec![address.into()]))
}

impl ToEndpoint for SocketAddr {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        one(*self)
    }
}

impl ToEndpoint for [SocketAddr] {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        Ok(Endpoint::Addresses(self.to_vec()))
    }
}

impl ToEndpoint for Vec<SocketAddr> {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        self[..].to_endpoint()
    }
}

impl ToEndpoint for (IpAddr, u16) {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        one(*self)
    }
}

impl ToEndpoint for (Ipv4Addr, u16) {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        one(*self)
    }
}

impl ToEndpoint for (Ipv6Addr, u16) {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        one(*self)
    }
}

impl ToEndpoint for (&str, u16) {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        let (name, port) = *self;
        match name.parse::<IpAddr>() {
            Ok(ip) => one((ip, port)),
            Err(_) => Ok(Endpoint::Name(name.to_owned(), port)),
        }
    }
}

impl ToEndpoint for (String, u16) {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        (&*self.0, self.1).to_endpoint()
    }
}

impl ToEndpoint for str {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        if let Ok(address) = self.parse::<SocketAddr>() {
            return one(address);
        }
        let wrong = |what| {
            let message = format!("`{self}` {what}: expected `host:port`");
            io::Error::new(io::ErrorKind::InvalidInput, message)
        };
        let (name, port) = self.rsplit_once(':').ok_or_else(|| wrong("has no port"))?;
        let port = port.parse().map_err(|_| wrong("has no valid port"))?;
        (name, port).to_endpoint()
    }
}

impl ToEndpoint for String {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        (**self).to_endpoint()
    }
}

impl<T: ToEndpoint + ?Sized> ToEndpoint for &T {
    fn to_endpoint(&self) -> io::Result<Endpoint> {
        (**self).to_endpoint()
    }
}

/// Returns the addresses of an endpoint.
///
/// Names are resolved by the system's resolver, on the blocking pool.
///
/// # Cancel safety
///
/// As for [`unblock`]: the question goes on, and its answer is dropped.
///
/// # Errors
///
/// What the resolver says.
///
/// # Examples
///
/// ```
/// # nimsync::block_on(async {
/// let addresses = nimsync::net::lookup("localhost:80").await?;
/// assert!(addresses.iter().all(|address| address.port() == 80));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn lookup(endpoint: impl ToEndpoint) -> io::Result<Vec<SocketAddr>> {
    match endpoint.to_endpoint()? {
        Endpoint::Addresses(addresses) => Ok(addresses),
        Endpoint::Name(name, port) => {
            unblock(move || Ok((&*name, port).to_socket_addrs()?.collect())).await
        }
    }
}

/// Calls `attempt` with the addresses of `endpoint` until one succeeds.
pub(super) async fn each<T>(
    endpoint: impl ToEndpoint,
    attempt: impl AsyncFn(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut last = None;
    for address in lookup(endpoint).await? {
        match attempt(address).await {
            Ok(done) => return Ok(done),
            Err(error) => last = Some(error),
        }
    }
    Err(last
        .unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the name has no address")))
}
