//! The runtimes, started once and idle while another has its turn.

use crate::peers::{AsyncExecutor, Nio, Smolscale, Tokio};

/// How many workers each runtime has.
///
/// smolscale cannot be told: it takes the number of cores, which is the same
/// on the machine of two cores that this is meant for.
pub const WORKERS: usize = 2;

/// All runtimes, for a bench to hand to its contenders.
pub struct Contenders {
    /// What is measured here.
    #[cfg(feature = "nimsync")]
    pub nimsync: nimsync::Runtime,
    /// The peer `tokio`.
    pub tokio: Tokio,
    /// The peer `async-executor`, with the timers of `async-io`.
    pub async_executor: AsyncExecutor,
    /// The peer `nio`.
    pub nio: Nio,
    /// The peer `smolscale`, with the timers of `async-io`.
    pub smolscale: Smolscale,
}

impl Contenders {
    /// Starts the runtimes.
    pub fn start() -> Contenders {
        Contenders {
            #[cfg(feature = "nimsync")]
            nimsync: crate::ours::start(),
            tokio: Tokio::start(),
            async_executor: AsyncExecutor::start(),
            nio: Nio::start(),
            smolscale: Smolscale,
        }
    }
}

/// Adds nimsync with `ours::work` and each runtime among the peers with
/// `peers::work`: `add_all!(case.time, contenders, work(arguments))`.
#[macro_export]
macro_rules! add_all {
    ($case:ident.$add:ident, $contenders:ident, $work:ident($($argument:expr),*)) => {
        #[cfg(feature = "nimsync")]
        $case.$add("nimsync", || ours::$work(&$contenders.nimsync, $($argument),*));
        $case.$add("tokio", || peers::$work(&$contenders.tokio, $($argument),*));
        $case.$add("async-executor", || peers::$work(&$contenders.async_executor, $($argument),*));
        $case.$add("nio", || peers::$work(&$contenders.nio, $($argument),*));
        $case.$add("smolscale", || peers::$work(&$contenders.smolscale, $($argument),*));
    };
}
