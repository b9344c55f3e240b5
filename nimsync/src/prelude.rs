//! What most programs use: `use nimsync::prelude::*;`.

pub use crate::actor::{ActorSystem, Cx, StopReason};
pub use crate::cancel::CancelScope;
pub use crate::channel;
pub use crate::group::TaskGroup;
pub use crate::time::{DurationWords, sleep};
pub use crate::{
    actor, first_ok, race, select, shield, supervisor, task_group, task_local, with_deadline,
    with_timeout,
};
