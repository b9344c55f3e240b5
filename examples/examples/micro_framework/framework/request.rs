//! What a handler is given.

use super::response::Refusal;
use super::router::Params;
use nimsync::http::{BodyExt, Incoming, Limited, Method, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::fmt::Display;
use std::str::FromStr;

/// The most bytes that a body may have.
const LONGEST_BODY: usize = 1024 * 1024;

/// A request, and the parameters of its route.
pub(crate) struct Request {
    inner: nimsync::http::Request<Incoming>,
    params: Params,
}

impl Request {
    pub(super) fn new(inner: nimsync::http::Request<Incoming>) -> Self {
        let params = Params::new();
        Self { inner, params }
    }

    pub(super) fn set_params(&mut self, params: Params) {
        self.params = params;
    }

    pub(crate) fn method(&self) -> &Method {
        self.inner.method()
    }

    pub(crate) fn path(&self) -> &str {
        self.inner.uri().path()
    }

    /// Returns a part of the path, as the type that is asked for.
    ///
    /// # Errors
    ///
    /// 400 if it is none.
    ///
    /// # Panics
    ///
    /// If the route has no such part: a mistake of the program.
    pub(crate) fn param<T>(&self, name: &str) -> Result<T, Refusal>
    where
        T: FromStr<Err: Display>,
    {
        let param = self.params.iter().find(|(other, _)| other == name);
        let (_, text) = param.unwrap_or_else(|| panic!("the route has no part `{name}`"));
        let wrong = |error: T::Err| {
            Refusal::new(StatusCode::BAD_REQUEST, format!("{name} `{text}`: {error}"))
        };
        text.parse().map_err(wrong)
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// 415 if it does not say that it is JSON, 413 if it is too long, 400 if it is no
    /// JSON, 422 if it is other JSON than what is asked for.
    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        let kind = self.inner.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let text = "expected `content-type: application/json`";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        let body = Limited::new(self.inner.into_body(), LONGEST_BODY);
        let body = body.collect().await.map_err(|error| {
            let status = match error.is::<nimsync::http::hyper::Error>() {
                true => StatusCode::BAD_REQUEST,
                false => StatusCode::PAYLOAD_TOO_LARGE,
            };
            Refusal::new(status, error.to_string())
        })?;
        serde_json::from_slice(&body.to_bytes()).map_err(|error| {
            let status = match error.classify() {
                Category::Data => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::BAD_REQUEST,
            };
            Refusal::new(status, error.to_string())
        })
    }
}
