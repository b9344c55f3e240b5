//! Those who are connected: an actor that owns the way out to one of them.
//!
//! What a member is told waits in the actor's mailbox, whoever tells it: the rooms
//! that it is in, others who write to it, and its own session with replies. So all
//! of it has one order and one bound. That is why rooms tell their members instead
//! of having a broadcast channel: with one for each room a member would have to
//! merge the rooms, and a reply to `/join` could come after the room's first words.

use crate::event::Event;
use crate::out::Out;
use nimsync::prelude::*;
use nimsync::{StopReason, TellError};
use std::sync::Arc;
use std::time::Duration;

/// What a reader is told whose mailbox is full.
const TOO_SLOW: &str = "you read too slowly, and were dropped";

/// The way to somebody who is connected.
///
/// A thousand events, so that a reader who is busy for a moment is none that is
/// slow, and one who never reads costs a megabyte at most.
#[actor(mailbox = 1024)]
pub(crate) struct Member {
    out: Out,
    /// How long an event may take to get out.
    patience: Duration,
    /// Whether there is nobody any more to write to.
    lost: bool,
}

impl Member {
    pub(crate) fn new(out: Out, patience: Duration) -> Self {
        Self {
            out,
            patience,
            lost: false,
        }
    }
}

#[actor]
impl Member {
    /// Writes an event to the connection.
    pub(crate) async fn deliver(&mut self, event: Arc<Event>, cx: &mut Cx<Self>) {
        if self.lost {
            return;
        }
        match with_timeout!(self.patience, self.out.send(&event)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => {
                self.lost = true;
                cx.stop();
            }
            // The same as if the mailbox had been full.
            Err(_) => drop(cx.handle().kill()),
        }
    }

    #[on_stop]
    async fn close(&mut self, why: StopReason) {
        if self.lost {
            return;
        }
        // Nothing can be done about it if that does not get through either.
        if let StopReason::Killed = why {
            let _ = self.out.send(&Event::bye(TOO_SLOW)).await;
        }
        let _ = self.out.close().await;
    }
}

/// Tells a member, and does not wait: one whose mailbox is full is dropped.
///
/// # Errors
///
/// Why it is not there any more.
pub(crate) fn post(member: &MemberHandle, event: &Arc<Event>) -> Result<(), &'static str> {
    match member.deliver(event.clone()).try_tell() {
        Ok(()) => Ok(()),
        Err(TellError::Full(_)) => {
            member.kill();
            Err("was dropped: reads too slowly")
        }
        Err(_) => Err("has gone"),
    }
}
