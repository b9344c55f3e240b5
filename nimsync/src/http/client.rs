//! The client.

use super::connect::Connector;
use super::error::ClientError;
use super::rt::{Executor, Timer};
use crate::cancel::{TimeLimit, timeout};
use crate::group::Spawner;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST};
use hyper::header::{HeaderMap, LOCATION, PROXY_AUTHORIZATION, TRANSFER_ENCODING};
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy;
use std::fmt;
use std::time::Duration;

/// A client for HTTP/1 and HTTP/2 that keeps connections for the next request.
///
/// Cheap to clone; clones share their connections. The tasks of the connections are
/// services of the group that it was made for: they end with it, and a client that
/// outlives the group has only errors. Requests may be made anywhere.
///
/// HTTP/2 is spoken where it is agreed on by TLS, or known before:
/// [`ClientBuilder::http2_only`].
///
/// # Examples
///
/// ```no_run
/// use nimsync::http::{BodyExt, Client};
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// task_group!(|g| {
///     let client = Client::new(&g.spawner());
///     let response = client.get("http://example.org/").await?;
///     let body = with_timeout!(10.seconds(), response.into_body().collect()).await??;
///     println!("{} bytes", body.to_bytes().len());
/// }).await?;
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Client {
    client: legacy::Client<Connector, Full<Bytes>>,
    redirects: usize,
    limit: Option<Duration>,
}

/// The settings of a [`Client`] that is to be made.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    connector: Connector,
    redirects: usize,
    limit: Option<Duration>,
    idle: Duration,
    http2_only: bool,
}

impl ClientBuilder {
    /// How many redirects are followed; by default 10. With 0 they are handed over like
    /// other responses.
    pub fn redirects(mut self, most: usize) -> Self {
        self.redirects = most;
        self
    }

    /// How long a request may take until the head of its response is there, redirects
    /// included; by default there is no limit.
    pub fn timeout(mut self, limit: impl TimeLimit) -> Self {
        self.limit = Some(limit.into_limit());
        self
    }

    /// How long a connection is kept for the next request; by default 90 s.
    pub fn keep_idle(mut self, duration: Duration) -> Self {
        self.idle = duration;
        self
    }

    /// Speaks HTTP/2 with every server, also where nothing was agreed on.
    pub fn http2_only(mut self) -> Self {
        self.http2_only = true;
        self
    }

    /// Connects by `connector`.
    pub fn connector(mut self, connector: Connector) -> Self {
        self.connector = connector;
        self
    }

    /// Makes the client. Its connections become services of the spawner's group.
    pub fn build(self, spawner: &Spawner) -> Client {
        let client = legacy::Client::builder(Executor::services(spawner))
            .timer(Timer)
            .pool_timer(Timer)
            .pool_idle_timeout(self.idle)
            .http2_only(self.http2_only)
            .build(self.connector);
        Client {
            client,
            redirects: self.redirects,
            limit: self.limit,
        }
    }
}

impl Client {
    /// Makes a client with default settings, for the group of `spawner`.
    #[must_use]
    pub fn new(spawner: &Spawner) -> Self {
        Self::builder().build(spawner)
    }

    /// Returns the default settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            connector: Connector::new(),
            redirects: 10,
            limit: None,
            idle: Duration::from_secs(90),
            http2_only: false,
        }
    }

    /// Asks for what is at an address.
    ///
    /// # Cancel safety
    ///
    /// As [`request`](Self::request).
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request), and if `uri` is no address.
    pub async fn get(&self, uri: &str) -> Result<Response<Incoming>, ClientError> {
        self.request(Request::get(uri).body(Full::default())?).await
    }

    /// Sends a request and waits for the head of the response.
    ///
    /// Redirects are followed: with the same method and body, or, where the
    /// status says so (303, and 301 and 302 for `POST`), with `GET`. Credentials
    /// (`authorization`, `cookie`) are not sent to another server.
    ///
    /// A status such as 404 is a response like others. The body is read from the
    /// response; a limit for it is the caller's, [`with_timeout!`](crate::with_timeout!)
    /// for instance.
    ///
    /// # Cancel safety
    ///
    /// The connection of a request that is given up is closed; whether the server has
    /// done what it was asked is not known.
    ///
    /// # Errors
    ///
    /// [`ClientError`]; a response with any status is none.
    pub async fn request(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        match self.limit {
            None => self.follow(request).await,
            Some(limit) => match timeout(limit, self.follow(request)).await {
                Ok(result) => result,
                Err(timed_out) => Err(ClientError::TimedOut(timed_out)),
            },
        }
    }

    async fn follow(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        let mut followed = 0;
        loop {
            let again = request.clone();
            let response = self.client.request(request).await;
            let response = response.map_err(ClientError::Connection)?;
            if self.redirects == 0 {
                return Ok(response);
            }
            let Some(next) = redirected(again, &response)? else {
                return Ok(response);
            };
            followed += 1;
            if followed > self.redirects {
                return Err(ClientError::TooManyRedirects(self.redirects));
            }
            request = next;
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("redirects", &self.redirects)
            .field("timeout", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Returns the request that `response` asks for in place of `request`, if it does.
fn redirected(
    mut request: Request<Full<Bytes>>,
    response: &Response<Incoming>,
) -> Result<Option<Request<Full<Bytes>>>, ClientError> {
    let status = response.status();
    let follows = [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    let Some(location) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    if !follows.contains(&status) {
        return Ok(None);
    }
    let to = String::from_utf8_lossy(location.as_bytes());
    let Some(next) = resolve(request.uri(), &to) else {
        return Err(ClientError::Redirect(to.into_owned()));
    };
    let becomes_get = match status {
        StatusCode::SEE_OTHER => request.method() != Method::HEAD,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => request.method() == Method::POST,
        _ => false,
    };
    if becomes_get {
        *request.method_mut() = Method::GET;
        *request.body_mut() = Full::default();
        let of_the_body = [
            CONTENT_TYPE,
            CONTENT_LENGTH,
            CONTENT_ENCODING,
            TRANSFER_ENCODING,
        ];
        remove(request.headers_mut(), &of_the_body);
    }
    if origin(request.uri()) != origin(&next) {
        let secrets = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION];
        remove(request.headers_mut(), &secrets);
    }
    // It is made anew from the address.
    request.headers_mut().remove(HOST);
    *request.uri_mut() = next;
    Ok(Some(request))
}

fn remove(headers: &mut HeaderMap, names: &[hyper::header::HeaderName]) {
    for name in names {
        headers.remove(name);
    }
}

fn origin(uri: &Uri) -> (Option<&str>, Option<&str>, Option<u16>) {
    (uri.scheme_str(), uri.host(), uri.port_u16())
}

/// Returns where the reference `to` leads from `base`.
fn resolve(base: &Uri, to: &str) -> Option<Uri> {
    // What follows `#` is for who shows the page.
    let to = to.split('#').next().unwrap_or_default();
    if let Some(scheme) = scheme(to) {
        let known = ["http", "https"]
            .iter()
            .any(|it| scheme.eq_ignore_ascii_case(it));
        return known.then(|| to.parse().ok()).flatten();
    }
    if let Some(rest) = to.strip_prefix("//") {
        return format!("{}://{rest}", base.scheme_str()?).parse().ok();
    }
    let path = if to.starts_with('/') {
        without_dots(to)
    } else if to.starts_with('?') || to.is_empty() {
        format!("{}{to}", base.path())
    } else {
        let folder = base
            .path()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        without_dots(&format!("{folder}/{to}"))
    };
    let mut parts = base.clone().into_parts();
    parts.path_and_query = Some(path.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// Returns the scheme that a reference begins with: `Uri` takes `mailto:a@b` for a host.
fn scheme(reference: &str) -> Option<&str> {
    let (scheme, _) = reference.split_once(':')?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let begins = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins && scheme.chars().all(allowed)).then_some(scheme)
}

/// Takes `.` and `..` out of a path.
fn without_dots(path: &str) -> String {
    let (path, query) = match path.find('?') {
        Some(at) => path.split_at(at),
        None => (path, ""),
    };
    let mut segments: Vec<&str> = Vec::new();
    let last = path.rsplit('/').next().unwrap_or_default();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => _ = segments.pop(),
            segment => segments.push(segment),
        }
    }
    let folder = if matches!(last, "." | "..") { "/" } else { "" };
    let folder = if segments.is_empty() { "" } else { folder };
    format!("/{}{folder}{query}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_where_rfc_3986_says() {
        let base: Uri = "http://a:81/b/c/d?q".parse().unwrap();
        for (to, expected) in [
            ("https://x/y", "https://x/y"),
            ("//x/y", "http://x/y"),
            ("/y", "http://a:81/y"),
            ("y", "http://a:81/b/c/y"),
            ("./y", "http://a:81/b/c/y"),
            ("../y?z", "http://a:81/b/y?z"),
            ("../../../y", "http://a:81/y"),
            ("..", "http://a:81/b/"),
            ("?z", "http://a:81/b/c/d?z"),
            ("y#part", "http://a:81/b/c/y"),
            ("y/./../z/", "http://a:81/b/c/z/"),
        ] {
            assert_eq!(resolve(&base, to).unwrap().to_string(), expected, "{to}");
        }
        for to in ["ftp://x/y", "mailto:x@y", "//", "/a b"] {
            assert_eq!(resolve(&base, to), None, "{to}");
        }
    }
}
