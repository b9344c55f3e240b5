//! A socket in the driver.

use crate::runtime::{Direction, Source, SourceWait, Token, current_driver};
use std::future::poll_fn;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

/// A descriptor that the driver watches for as long as this lives.
pub(super) struct Socket<S: mio::event::Source> {
    io: S,
    source: Arc<Source>,
    token: Token,
}

impl<S: mio::event::Source> Socket<S> {
    /// Registers `io` with the runtime of the calling task.
    pub(super) fn new(mut io: S) -> io::Result<Self> {
        let (source, token) = current_driver()?.add(&mut io)?;
        Ok(Self { io, source, token })
    }

    /// Somebody who will wait for it.
    pub(super) fn wait(&self, direction: Direction, label: &'static &'static str) -> SourceWait {
        SourceWait::new(&self.source, direction, label)
    }

    /// Waits until `operation` does something else than to block.
    pub(super) async fn when_readable<R>(
        &self,
        label: &'static &'static str,
        mut operation: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        let mut wait = self.wait(Direction::Read, label);
        poll_fn(|cx| wait.poll_io(cx, || operation(&self.io))).await
    }

    /// As `when_readable`, for the other direction.
    pub(super) async fn when_writable<R>(
        &self,
        label: &'static &'static str,
        mut operation: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        let mut wait = self.wait(Direction::Write, label);
        poll_fn(|cx| wait.poll_io(cx, || operation(&self.io))).await
    }
}

impl<S: mio::event::Source> Deref for Socket<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.io
    }
}

impl<S: mio::event::Source> Drop for Socket<S> {
    fn drop(&mut self) {
        let driver = self.source.driver().clone();
        driver.remove(&mut self.io, &self.token);
    }
}
