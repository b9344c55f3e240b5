//! What most programs use: `use nimsync::prelude::*;`.

pub use crate::actor::{ActorSystem, Cx, StopReason};
pub use crate::cancel::CancelScope;
pub use crate::channel;
pub use crate::group::TaskGroup;
pub use crate::stream::{Backpressure, StreamExt as _};
pub use crate::time::{DurationWords, sleep};
pub use crate::{
    actor, first_ok, race, select, shield, stream, supervisor, task_group, task_local, try_stream,
    with_deadline, with_timeout,
};
pub use futures::StreamExt as _;
