//! Clients.

use super::{http_protocols, provider};
use futures::io::{AsyncRead, AsyncWrite};
use futures_rustls::rustls::pki_types::{CertificateDer, ServerName};
use futures_rustls::rustls::{self, ClientConfig, RootCertStore};
use std::fmt;
use std::io;
use std::sync::Arc;

/// The stream of a client.
pub type ClientStream<T> = futures_rustls::client::TlsStream<T>;

/// Makes streams of clients secure. Cheap to clone.
#[derive(Clone)]
pub struct Connector {
    config: Arc<ClientConfig>,
}

impl Connector {
    /// Trusts the authorities that Mozilla trusts.
    #[must_use]
    pub fn new() -> Self {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        Self::trusting(roots)
    }

    /// Trusts these certificates, and what they have signed, and nobody else.
    ///
    /// # Errors
    ///
    /// If one of them is not a certificate.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use nimsync::tls::Connector;
    /// use nimsync::tls::rustls::pki_types::{CertificateDer, pem::PemObject};
    ///
    /// let ours = CertificateDer::from_pem_file("authority.pem")?;
    /// let connector = Connector::with_roots([ours])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_roots(
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots.add(certificate)?;
        }
        Ok(Self::trusting(roots))
    }

    /// Uses settings of one's own.
    pub fn from_config(config: impl Into<Arc<ClientConfig>>) -> Self {
        Self {
            config: config.into(),
        }
    }

    fn trusting(roots: RootCertStore) -> Self {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider has ciphers for the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self::from_config(config)
    }

    /// As this, but offering HTTP/2 and HTTP/1.1, unless it offers something already.
    #[cfg_attr(not(feature = "hyper"), expect(dead_code, reason = "HTTP's own"))]
    pub(crate) fn for_http(&self) -> Self {
        if !self.config.alpn_protocols.is_empty() {
            return self.clone();
        }
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = http_protocols();
        Self::from_config(config)
    }

    /// Shakes hands with the server `name` over `stream`.
    ///
    /// `name` is what the certificate of the server has to be for: a host name, or an
    /// address.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the stream.
    ///
    /// # Errors
    ///
    /// If `name` cannot be one, the server's certificate is not trusted or not for
    /// `name`, or the stream fails.
    pub async fn connect<T>(&self, name: &str, stream: T) -> io::Result<ClientStream<T>>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(name)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?
            .to_owned();
        futures_rustls::TlsConnector::from(self.config.clone())
            .connect(name, stream)
            .await
    }
}

impl Default for Connector {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}
