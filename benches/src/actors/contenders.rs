//! The libraries, each on its runtime, idle while another has its turn.

use std::sync::Arc;

use tokio::runtime::Builder;

use super::{Actix, ByHand, Kameo, Ractor, Xtra};

/// All libraries, on runtimes with equally many workers.
pub struct ActorContenders {
    /// What is measured here.
    #[cfg(feature = "nimsync")]
    pub nimsync: nimsync::Runtime,
    /// The peer without a library.
    pub by_hand: ByHand,
    /// The peer `kameo`.
    pub kameo: Kameo,
    /// The peer `ractor`.
    pub ractor: Ractor,
    /// The peer `xtra`.
    pub xtra: Xtra,
    /// The peer `actix`.
    pub actix: Actix,
}

impl ActorContenders {
    /// Starts the runtimes.
    pub fn start(workers: usize) -> ActorContenders {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(workers).enable_time();
        let tokio = Arc::new(builder.build().expect("the runtime starts"));
        ActorContenders {
            #[cfg(feature = "nimsync")]
            nimsync: crate::channels::nimsync(workers),
            by_hand: ByHand(tokio.clone()),
            kameo: Kameo(tokio.clone()),
            ractor: Ractor(tokio.clone()),
            xtra: Xtra(tokio),
            actix: Actix::start(workers),
        }
    }
}

/// Adds nimsync with `ours::work` and the libraries with `peers::work`:
/// `add_actors!(case.time, contenders, work(arguments))`.
///
/// `add_waiting_actors!` leaves out actix, whose handlers do not wait.
#[macro_export]
macro_rules! add_actors {
    ($case:ident.$add:ident, $contenders:expr, $work:ident($($argument:expr),*)) => {
        $crate::add_waiting_actors!($case.$add, $contenders, $work($($argument),*));
        $case.$add("actix", || peers::$work(&$contenders.actix, $($argument),*));
    };
}

/// As [`add_actors!`], without actix.
#[macro_export]
macro_rules! add_waiting_actors {
    ($case:ident.$add:ident, $contenders:expr, $work:ident($($argument:expr),*)) => {
        #[cfg(feature = "nimsync")]
        $case.$add("nimsync", || ours::$work(&$contenders.nimsync, $($argument),*));
        $case.$add("by hand on tokio", || peers::$work(&$contenders.by_hand, $($argument),*));
        $case.$add("kameo", || peers::$work(&$contenders.kameo, $($argument),*));
        $case.$add("ractor", || peers::$work(&$contenders.ractor, $($argument),*));
        $case.$add("xtra", || peers::$work(&$contenders.xtra, $($argument),*));
    };
}
