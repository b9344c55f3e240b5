//! Without the feature `tokio`: nothing, and errors that name the feature.

use super::super::builder::Builder;
use super::NeedsTokio;
use std::future::Future;
use std::io;
use std::time::Instant;

/// No runtime of tokio's.
pub(crate) struct Foreign;

/// The handle of none.
#[derive(Clone)]
pub(crate) struct Handle;

impl Foreign {
    pub(crate) fn start(_wanted: bool, _threads: &str) -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn handle(&self) -> Handle {
        Handle
    }

    pub(crate) fn stop(&mut self, _deadline: Instant) {}
}

impl Handle {
    pub(crate) fn none() -> Self {
        Self
    }

    pub(crate) fn current() -> Self {
        Self
    }

    /// As the other variant, which puts something around the future.
    pub(crate) fn wrap<F>(&self, future: F) -> F {
        future
    }

    /// As the other variant, whose guard is dropped when the thread leaves.
    pub(crate) fn enter(&self) -> impl Sized + use<> {}
}

impl Builder {
    /// Starts a tokio runtime beside this one. Needs the feature `tokio`.
    #[doc(hidden)]
    pub fn tokio_compat(self) -> Self
    where
        for<'a> Self: NeedsTokio<'a>,
    {
        self
    }
}

/// Awaits a future of a library for tokio. Needs the feature `tokio`.
#[doc(hidden)]
pub fn compat<F>(future: F) -> F
where
    F: Future + for<'a> NeedsTokio<'a>,
{
    future
}
