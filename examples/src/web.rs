//! What the clients share: `http_client` and `web_scraper`.

use anyhow::Context;
use nimsync::http::{Connector, HeaderMap, header};
use nimsync::tls;
use nimsync::tls::rustls::pki_types::{CertificateDer, pem::PemObject};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Makes what connects: it trusts the certificates in a file (PEM), or without one the
/// public authorities.
///
/// # Errors
///
/// If the file cannot be read, or has no certificates in it.
pub async fn connector(ca: Option<&Path>) -> anyhow::Result<Connector> {
    let Some(ca) = ca else {
        return Ok(Connector::new());
    };
    let wrong = || format!("cannot use the certificates in {}", ca.display());
    let pem = nimsync::fs::read(ca).await?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = certificates.with_context(wrong)?;
    anyhow::ensure!(!certificates.is_empty(), "{}: there are none", wrong());
    let tls = tls::Connector::with_roots(certificates).with_context(wrong)?;
    Ok(Connector::with_tls(&tls))
}

/// How long a server asks to be left alone: `Retry-After`, as seconds or as a date.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    // A date that has passed asks for nothing.
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}
