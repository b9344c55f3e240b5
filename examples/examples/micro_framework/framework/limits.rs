//! Middleware that most services want.

use super::{IntoResponse, Next, Request, Response};
use futures::future::BoxFuture;
use nimsync::http::StatusCode;
use nimsync::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Gives up on a request that takes longer than `limit`.
pub(crate) fn in_time(
    limit: Duration,
) -> impl Fn(Request, Next) -> BoxFuture<'static, Response> + Send + Sync {
    move |request, next| {
        Box::pin(async move {
            match with_timeout!(limit, next.run(request)).await {
                Ok(response) => response,
                Err(late) => (StatusCode::GATEWAY_TIMEOUT, format!("{late}\n")).into_response(),
            }
        })
    }
}

/// Refuses requests beyond `most` at a time.
pub(crate) fn shed_load(
    most: usize,
) -> impl Fn(Request, Next) -> BoxFuture<'static, Response> + Send + Sync {
    /// Counts a request for as long as it lives, however it ends.
    struct Open(Arc<AtomicUsize>);
    impl Drop for Open {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    let open = Arc::new(AtomicUsize::new(0));
    move |request, next| {
        let others = open.fetch_add(1, Ordering::Relaxed);
        let one_more = Open(open.clone());
        Box::pin(async move {
            let _one_more = one_more;
            if others >= most {
                return (StatusCode::SERVICE_UNAVAILABLE, "too many requests\n").into_response();
            }
            next.run(request).await
        })
    }
}

/// Prints a line for each request that was answered.
pub(crate) fn log() -> impl Fn(Request, Next) -> BoxFuture<'static, Response> + Send + Sync {
    |request, next| {
        Box::pin(async move {
            let begin = nimsync::now();
            let what = format!("{} {}", request.method(), request.path());
            let response = next.run(request).await;
            let took = nimsync::now() - begin;
            println!("{what} {} {took:.1?}", response.status().as_u16());
            response
        })
    }
}
