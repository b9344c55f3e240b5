//! Sending without waiting for a reply.

use super::addr::{Addr, Posted};
use super::behavior::Messages;
use super::error::TellError;
use super::mailbox::Placing;
use super::message::Message;
use super::waits::{self, Waiting, Wanted};
use crate::wait;
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
        placing: Option<Placing<'a, A::Message>>,
    }
}

impl<'a, A: Messages, Args> Tell<'a, A, Args> {
    #[inline(always)]
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
            placing: None,
        }
    }
}

impl<A: Messages, Args> Future for Tell<'_, A, Args> {
    type Output = Result<(), TellError<Args>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(message) = this.message.take() {
            if !wait::budget(cx) {
                *this.message = Some(message);
                return Poll::Pending;
            }
            let core = this.addr.core();
            let message = match core.post(message) {
                Posted::Accepted => return Poll::Ready(Ok(())),
                Posted::NoRoom(message) => message,
                Posted::Full(message) => {
                    return Poll::Ready(Err(TellError::Full((this.unmake)(message))));
                }
                Posted::Stopped(message) => {
                    return Poll::Ready(Err(TellError::Stopped((this.unmake)(message))));
                }
            };
            let lane = message.priority();
            if waits::inside_actor() {
                // SAFETY: it watches no question.
                match unsafe { Waiting::begin(this.addr.link(), Wanted::Room(lane)) } {
                    Ok(begun) => *this.waiting = begun,
                    Err(path) => {
                        let args = (this.unmake)(message);
                        return Poll::Ready(Err(TellError::Deadlock(args, path)));
                    }
                }
            }
            this.placing.set(Some(core.mailbox.place(message, lane)));
        }
        let placing = this.placing.as_mut().as_pin_mut();
        let placed = placing
            .expect("a tell was polled after it was done")
            .poll(cx);
        if placed.is_pending() {
            this.addr.core().note_room();
        }
        let placed = ready!(placed);
        this.placing.set(None);
        *this.waiting = None;
        Poll::Ready(placed.map_err(|message| TellError::Stopped((this.unmake)(message))))
    }
}
