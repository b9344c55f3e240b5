//! A small site with all that a crawler has to cope with.

use nimsync::http::hyper::http::HeaderValue;
use nimsync::http::{Bytes, Full, Incoming, Request, Response, StatusCode, header};
use nimsync::prelude::*;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};

const HOME: &str = r#"<!doctype html>
<title>A demo site</title>
<p>Pages that link in a circle: <a href="/a">a</a>, <a href="b">b</a>.
<p>One page by other names: <a href="/a#part">1</a>, <a href="/x/../a">2</a>, <a href="/%61">3</a>, <a href="/a?">4</a>.
<p><a href="/slow">A slow page</a>, <a href="/never">one that never comes</a>, <a href="/dead">a dead link</a>.
<p><a href="/private/page">What robots may not see</a>, <a href="/private/open">and what they may after all</a>.
<p><a href="/redirect">A redirect</a>, <a href="/loop/1">a circle of them</a>, <a href="/image.png">an image</a>.
<p><a href="/deep/1">A way without an end</a>, <a href="http://elsewhere.invalid/">another site</a>, <a href="mailto:nobody@elsewhere.invalid">no page</a>.
<!-- <a href="/commented">not a link</a> -->
<script>const text = '<a href="/script">neither is this</a>';</script>
"#;

const ROBOTS: &str = "User-agent: *\nDisallow: /private/\nAllow: /private/open\n";

/// How often `/flaky` was asked for.
static TIMES: AtomicU32 = AtomicU32::new(0);

/// Answers a request.
pub(crate) async fn answer(
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    println!("{} {path}", request.method());
    Ok(match &*path {
        "/" => page(HOME),
        "/robots.txt" => with(header::CONTENT_TYPE, "text/plain", ROBOTS),
        "/a" => page("<title>Page a</title><a href=/b>b</a> <a href=/>home</a>"),
        "/b" => page("<title>Page b</title><a href=/a>a</a>"),
        "/slow" => {
            sleep(300.milliseconds()).await;
            page("<title>Slow</title><a href=/slow/child>next</a>")
        }
        "/slow/child" => page("<title>Behind the slow one</title>"),
        "/never" => std::future::pending().await,
        // Only every second time.
        "/flaky" if TIMES.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => {
            let mut response = with(header::RETRY_AFTER, "1", "");
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        }
        "/flaky" => page("<title>At last</title>"),
        "/private/page" | "/private/open" => page("<title>Private</title>"),
        "/redirect" => redirect("/target"),
        "/target" => page("<title>The target</title>"),
        "/loop/1" => redirect("/loop/2"),
        "/loop/2" => redirect("/loop/1"),
        "/image.png" => with(
            header::CONTENT_TYPE,
            "image/png",
            "<a href=/in-image>no</a>",
        ),
        other => match other.strip_prefix("/deep/").map(str::parse::<u64>) {
            Some(Ok(number)) => {
                let next = number.saturating_add(1);
                page(format!(
                    "<title>Depth {number}</title><a href=/deep/{next}>on</a>"
                ))
            }
            _ => {
                let mut response = page("<title>Not found</title><a href=/a>a</a>");
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        },
    })
}

fn page(text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    with(header::CONTENT_TYPE, "text/html; charset=utf-8", text)
}

fn redirect(to: &'static str) -> Response<Full<Bytes>> {
    let mut response = with(header::LOCATION, to, "");
    *response.status_mut() = StatusCode::FOUND;
    response
}

fn with(
    name: header::HeaderName,
    value: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    let headers = response.headers_mut();
    headers.insert(name, HeaderValue::from_static(value));
    response
}
