//! What the expansions of the macros name. Not part of the public interface.

pub use crate::cancel::{Arm, End, first_ok, race};
pub use crate::entry::Entry;
pub use crate::group::{Anchor, Core, GroupOptions as Options, open, run_owned};
pub use crate::task::LocalScope;
pub use core::result::Result::{self, Err, Ok};
pub use nimsync_macros::{
    first_ok_inner, race_inner, shield_inner, task_group_inner, with_deadline_inner,
    with_timeout_inner,
};
