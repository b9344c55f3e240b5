//! Connections for `https`, with the feature `tls`.

use super::connect::tcp;
use super::transport::{ClientStream, Transport, transport};
use crate::net::TcpStream;
use crate::tls;
use std::io;

/// Makes connections secure.
#[derive(Clone, Debug)]
pub(super) struct Https(tls::Connector);

impl Default for Https {
    fn default() -> Self {
        Self::new(&tls::Connector::new())
    }
}

impl ClientStream for tls::ClientStream<TcpStream> {
    fn is_h2(&self) -> bool {
        self.get_ref().1.alpn_protocol() == Some(b"h2")
    }
}

impl Https {
    pub(super) fn new(connector: &tls::Connector) -> Self {
        Self(connector.for_http())
    }

    pub(super) async fn connect(&self, host: &str, port: u16) -> io::Result<Transport> {
        let stream = tcp(host, port).await?;
        let stream = self.0.connect(host, stream).await?;
        Ok(transport(stream))
    }
}
