//! A web framework of a few hundred lines: routes with parameters, middleware, JSON.
//!
//! ```text
//! hyper ──▶ App::handle ──▶ middleware ──▶ middleware ──▶ route ──▶ handler
//!                             │  ▲
//!                             └──┘ may answer itself: too late, too much
//! ```
//!
//! A handler is an async function of a [`Request`] to anything that is
//! [`IntoResponse`]. A middleware is one of a request and what comes [`Next`].

mod limits;
mod request;
mod response;
mod router;

pub(crate) use limits::{in_time, log, shed_load};
pub(crate) use request::Request;
pub(crate) use response::{IntoResponse, Json, Refusal, Response};

use futures::FutureExt;
use futures::future::BoxFuture;
use nimsync::http::hyper::http::HeaderValue;
use nimsync::http::{Incoming, Method, StatusCode, header};
use router::{Found, Router};
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

type Handler = Box<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;
type Middleware = Box<dyn Fn(Request, Next) -> BoxFuture<'static, Response> + Send + Sync>;

/// Routes and middleware.
#[derive(Default)]
pub(crate) struct App {
    router: Router<Handler>,
    middleware: Vec<Middleware>,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Answers `GET` and `HEAD` requests for a path.
    pub(crate) fn get<F, R>(
        self,
        path: &str,
        handler: impl Fn(Request) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = R> + Send + 'static,
        R: IntoResponse + 'static,
    {
        self.route(Method::GET, path, handler)
    }

    /// Answers `POST` requests for a path.
    pub(crate) fn post<F, R>(
        self,
        path: &str,
        handler: impl Fn(Request) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = R> + Send + 'static,
        R: IntoResponse + 'static,
    {
        self.route(Method::POST, path, handler)
    }

    /// Answers requests for a path. A part of it in braces, `{name}`, stands for any
    /// text without a slash: [`Request::param`].
    ///
    /// # Panics
    ///
    /// If there is such a route already.
    pub(crate) fn route<F, R>(
        mut self,
        method: Method,
        path: &str,
        handler: impl Fn(Request) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = R> + Send + 'static,
        R: IntoResponse + 'static,
    {
        let handler = move |request| handler(request).map(IntoResponse::into_response).boxed();
        self.router.add(method, path, Box::new(handler));
        self
    }

    /// Puts a middleware around all that was there before.
    pub(crate) fn with<F>(
        mut self,
        middleware: impl Fn(Request, Next) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let middleware = move |request, next| middleware(request, next).boxed();
        self.middleware.push(Box::new(middleware));
        self
    }

    /// Answers a request: what hyper is given to call.
    pub(crate) async fn handle(
        self: Arc<Self>,
        request: nimsync::http::Request<Incoming>,
    ) -> Result<Response, Infallible> {
        let left = self.middleware.len();
        let next = Next { app: self, left };
        Ok(next.run(Request::new(request)).await)
    }

    async fn dispatch(&self, mut request: Request) -> Response {
        match self.router.find(request.method(), request.path()) {
            Found::Route(handler, params) => {
                request.set_params(params);
                handler(request).await
            }
            Found::OtherMethods(allowed) => {
                let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
                if let Ok(allowed) = HeaderValue::from_str(&allowed) {
                    response.headers_mut().insert(header::ALLOW, allowed);
                }
                response
            }
            Found::Nothing => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

/// What a middleware is around.
pub(crate) struct Next {
    app: Arc<App>,
    /// How many middlewares are left; the one that was added last comes first.
    left: usize,
}

impl Next {
    /// Goes on with the request.
    pub(crate) fn run(self, request: Request) -> BoxFuture<'static, Response> {
        let Self { app, left } = self;
        match left.checked_sub(1) {
            Some(left) => {
                let next = Self {
                    app: app.clone(),
                    left,
                };
                app.middleware[left](request, next)
            }
            None => async move { app.dispatch(request).await }.boxed(),
        }
    }
}
