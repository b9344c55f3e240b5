//! `race!` and `first_ok!`.
//!
//! The macros nest their arms, `Arm(a, Arm(b, End))`, so that any number of
//! futures of different types race without boxing, and the race is `Send` when
//! they are.

use super::cause::{CancelReason, Cancelled};
use super::frame::{Frame, Last, poll_last, task_name};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// One future of a race, and the rest of them.
    #[doc(hidden)]
    pub struct Arm<F, Rest> {
        frame: Frame,
        #[pin]
        future: Option<F>,
        #[pin]
        rest: Rest,
    }
}

impl<F: Future, Rest> Arm<F, Rest> {
    #[doc(hidden)]
    pub fn new(future: F, rest: Rest) -> Self {
        Self {
            frame: Frame::lazy(),
            future: Some(future),
            rest,
        }
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

impl<T, F: Future<Output = T>, Rest: Arms<T>> Arms<T> for Arm<F, Rest> {
    const COUNT: usize = 1 + Rest::COUNT;

    fn poll_arm(self: Pin<&mut Self>, number: usize, cx: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        if number != 0 {
            return this.rest.poll_arm(number - 1, cx);
        }
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        match poll_last(this.frame, future, cx) {
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
            gone = !matches!(poll_last(this.frame, future, cx), Last::Pending);
            if gone {
                let _entered = this.frame.enter();
                this.future.set(None);
            }
        }
        this.rest.end_losers(cx) & gone
    }
}

/// The support function of `race!`.
#[doc(hidden)]
pub fn race<T, A: Arms<T>>(arms: A) -> Race<T, A> {
    Race {
        first: fastrand::usize(..A::COUNT),
        won: None,
        arms,
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

/// The support function of `first_ok!`.
#[doc(hidden)]
pub fn first_ok<T, E, A: Arms<Result<T, E>>>(arms: A) -> FirstOk<T, E, A> {
    FirstOk {
        first: fastrand::usize(..A::COUNT),
        failed: 0,
        outcome: None,
        arms,
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
