//! Servers on the peers, as their own users write them: accept, and spawn a task.

pub(crate) mod smol;
pub(crate) mod tokio;
