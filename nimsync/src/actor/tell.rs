//! Sending without waiting for a reply.

use super::addr::Addr;
use super::behavior::{Full, Messages};
use super::error::TellError;
use super::undelivered::discard;
use super::waits::{self, Waiting};
use crate::channel::{SendError, Sending, TrySendError, mpsc};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of [`Call::tell`](super::Call::tell).
    ///
    /// # Cancel safety
    ///
    /// A tell that is dropped before it is done has sent nothing.
    ///
    /// # Errors
    ///
    /// [`TellError`] with the arguments, if the message was not accepted.
    #[must_use = "a message is sent when its tell is awaited"]
    pub struct Tell<'a, A: Messages, Args> {
        addr: &'a Addr<A>,
        message: Option<A::Message>,
        unmake: fn(A::Message) -> Args,
        waiting: Option<Waiting>,
        #[pin]
        sending: Option<Sending<'a, mpsc::Ring<A::Message>>>,
    }
}

impl<'a, A: Messages, Args> Tell<'a, A, Args> {
    pub(super) fn new(
        addr: &'a Addr<A>,
        message: A::Message,
        unmake: fn(A::Message) -> Args,
    ) -> Self {
        Self {
            addr,
            message: Some(message),
            unmake,
            waiting: None,
            sending: None,
        }
    }
}

impl<A: Messages, Args> Future for Tell<'_, A, Args> {
    type Output = Result<(), TellError<Args>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let core = this.addr.core();
        if let Some(message) = this.message.take() {
            let message = match core.sender.try_send(message) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(TrySendError::Closed(message)) => {
                    return Poll::Ready(Err(TellError::Stopped((this.unmake)(message))));
                }
                Err(TrySendError::Full(message)) => message,
            };
            match core.options.full {
                Full::Wait => {}
                Full::Reject => {
                    return Poll::Ready(Err(TellError::Full((this.unmake)(message))));
                }
                Full::DropNewest => {
                    discard(core, message);
                    return Poll::Ready(Ok(()));
                }
            }
            if waits::inside_actor() {
                match Waiting::begin(this.addr.link(), None) {
                    Ok(begun) => *this.waiting = begun,
                    Err(path) => {
                        let args = (this.unmake)(message);
                        return Poll::Ready(Err(TellError::Deadlock(args, path)));
                    }
                }
            }
            this.sending.set(Some(core.sender.send(message)));
        }
        let sending = this.sending.as_mut().as_pin_mut();
        let sent = ready!(
            sending
                .expect("a tell was polled after it was done")
                .poll(cx)
        );
        this.sending.set(None);
        *this.waiting = None;
        Poll::Ready(sent.map_err(|SendError(message)| TellError::Stopped((this.unmake)(message))))
    }
}
