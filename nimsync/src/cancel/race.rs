//! `race!` and `first_ok!`.
//!
//! The macros put a race together arm by arm, `race().arm(a).arm(b).first()`,
//! and the arms nest, `Arm(b, Arm(a, End))`: so any number of futures of
//! different types race without boxing, and the race is `Send` when they are.
//!
//! What arms have to be is asked once, where each is added: from there on they are
//! polled through a pointer. So an arm that is no future, or that has another
//! output, is one error, at that arm.

use super::cause::{CancelReason, Cancelled};
use super::frame::{Frame, Last, poll_last, task_name};
use pin_project_lite::pin_project;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// One future of a race, and the rest of them.
    #[doc(hidden)]
    pub struct Arm<F, T, Rest> {
        frame: Frame,
        poll: fn(&Frame, Pin<&mut F>, &mut Context<'_>) -> Last<T>,
        #[pin]
        future: Option<F>,
        #[pin]
        rest: Rest,
    }
}

/// The end of the arms of a race.
#[doc(hidden)]
pub struct End;

/// The arms of a race that yields `T`.
#[doc(hidden)]
pub trait Arms<T> {
    const COUNT: usize;

    /// Polls the arm with this number, if it is still running.
    fn poll_arm(self: Pin<&mut Self>, number: usize, cx: &mut Context<'_>) -> Poll<T>;

    /// Cancels the arms that are still running, and polls them; tells whether
    /// all of them are gone.
    fn end_losers(self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool;
}

impl<T> Arms<T> for End {
    const COUNT: usize = 0;

    fn poll_arm(self: Pin<&mut Self>, _: usize, _: &mut Context<'_>) -> Poll<T> {
        Poll::Pending
    }

    fn end_losers(self: Pin<&mut Self>, _: &mut Context<'_>) -> bool {
        true
    }
}

impl<T, F, Rest: Arms<T>> Arms<T> for Arm<F, T, Rest> {
    const COUNT: usize = 1 + Rest::COUNT;

    fn poll_arm(self: Pin<&mut Self>, number: usize, cx: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        if number != 0 {
            return this.rest.poll_arm(number - 1, cx);
        }
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        match (this.poll)(this.frame, future, cx) {
            Last::Ready(value) => {
                let _entered = this.frame.enter();
                this.future.set(None);
                Poll::Ready(value)
            }
            Last::Pending | Last::Cut => Poll::Pending,
        }
    }

    fn end_losers(self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        let mut this = self.project();
        let mut gone = true;
        if let Some(future) = this.future.as_mut().as_pin_mut() {
            {
                let _entered = this.frame.enter();
                let cause = Cancelled::new(CancelReason::RaceLost, task_name());
                this.frame.scope().cancel(cause);
            }
            gone = !matches!((this.poll)(this.frame, future, cx), Last::Pending);
            if gone {
                let _entered = this.frame.enter();
                this.future.set(None);
            }
        }
        this.rest.end_losers(cx) & gone
    }
}

/// A race that is being put together.
#[doc(hidden)]
pub struct Racing<T, A> {
    arms: A,
    output: PhantomData<fn() -> T>,
}

/// Begins a `race!`.
#[doc(hidden)]
pub fn race<T>() -> Racing<T, End> {
    Racing {
        arms: End,
        output: PhantomData,
    }
}

/// Begins a `first_ok!`.
#[doc(hidden)]
pub fn first_ok<T, E>() -> Racing<Result<T, E>, End> {
    race()
}

impl<T, A: Arms<T>> Racing<T, A> {
    #[doc(hidden)]
    pub fn arm<F: Future<Output = T>>(self, future: F) -> Racing<T, Arm<F, T, A>> {
        Racing {
            arms: Arm {
                frame: Frame::lazy(),
                poll: |frame, future, cx| poll_last(frame, future, cx),
                future: Some(future),
                rest: self.arms,
            },
            output: PhantomData,
        }
    }

    #[doc(hidden)]
    pub fn first(self) -> Race<T, A> {
        Race {
            first: fastrand::usize(..A::COUNT),
            won: None,
            arms: self.arms,
        }
    }
}

impl<T, E, A: Arms<Result<T, E>>> Racing<Result<T, E>, A> {
    #[doc(hidden)]
    pub fn first_ok(self) -> FirstOk<T, E, A> {
        FirstOk {
            first: fastrand::usize(..A::COUNT),
            failed: 0,
            outcome: None,
            arms: self.arms,
        }
    }
}

pin_project! {
    /// The future of [`race!`](crate::race!).
    #[must_use = "futures do nothing until they are awaited"]
    pub struct Race<T, A> {
        // Where polling begins, so that no arm is preferred.
        first: usize,
        won: Option<T>,
        #[pin]
        arms: A,
    }
}

impl<T, A: Arms<T>> Future for Race<T, A> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        for i in 0..A::COUNT {
            if this.won.is_some() {
                break;
            }
            let number = (*this.first + i) % A::COUNT;
            if let Poll::Ready(value) = this.arms.as_mut().poll_arm(number, cx) {
                *this.won = Some(value);
            }
        }
        // The winner waits until the losers are gone, groups and shields in
        // them included.
        if this.won.is_some()
            && this.arms.end_losers(cx)
            && let Some(value) = this.won.take()
        {
            return Poll::Ready(value);
        }
        Poll::Pending
    }
}

pin_project! {
    /// The future of [`first_ok!`](crate::first_ok!).
    #[must_use = "futures do nothing until they are awaited"]
    pub struct FirstOk<T, E, A> {
        first: usize,
        failed: usize,
        outcome: Option<Result<T, E>>,
        #[pin]
        arms: A,
    }
}

impl<T, E, A: Arms<Result<T, E>>> Future for FirstOk<T, E, A> {
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let mut this = self.project();
        for i in 0..A::COUNT {
            if this.outcome.is_some() {
                break;
            }
            let number = (*this.first + i) % A::COUNT;
            match this.arms.as_mut().poll_arm(number, cx) {
                Poll::Pending => {}
                Poll::Ready(Err(error)) => {
                    *this.failed += 1;
                    if *this.failed == A::COUNT {
                        *this.outcome = Some(Err(error));
                    }
                }
                Poll::Ready(Ok(value)) => *this.outcome = Some(Ok(value)),
            }
        }
        if this.outcome.is_some()
            && this.arms.end_losers(cx)
            && let Some(outcome) = this.outcome.take()
        {
            return Poll::Ready(outcome);
        }
        Poll::Pending
    }
}
