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

/// Adds nimsync with `ours::work` and some of the libraries with `peers::work`:
/// `add_actors!(case.time, contenders, [kameo, ractor], work(arguments))`.
#[macro_export]
macro_rules! add_actors {
    ($case:ident.$add:ident, $all:ident, [$($peer:ident),*], $work:ident $arguments:tt) => {
        #[cfg(feature = "nimsync")]
        $crate::add_actors!(@one $case.$add, $all.nimsync, ours::$work $arguments);
        $($crate::add_actors!(@one $case.$add, $all.$peer, peers::$work $arguments);)*
    };
    (@one $case:ident.$add:ident, $all:ident.$contender:ident,
        $side:ident::$work:ident($($argument:expr),*)
    ) => {
        $case.$add(stringify!($contender), || $side::$work(&$all.$contender, $($argument),*));
    };
}
