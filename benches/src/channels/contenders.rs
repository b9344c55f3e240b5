//! Who takes part: a list for each mode and each way to call it.
//!
//! `add_spsc_try!(case.time, CAPACITY, |make| work(make(), n))` adds each with
//! the same work, where `make` makes a channel. Who has no form of its own for
//! a mode takes part with the narrowest that serves: chenal with its `mpsc`,
//! tokio too, crossbeam with what it has. Queues that can neither wait nor close
//! are in the lists of those that need not. `gil` is not in the others: its
//! ends that wait lose wake-ups.

/// Adds each contender of a list, nimsync where it is there.
#[doc(hidden)]
#[macro_export]
macro_rules! add_each {
    ($case:ident.$add:ident, |$make:ident| $work:expr, $($(#[$meta:meta])? $name:literal => $channel:expr,)*) => {$(
        $(#[$meta])?
        $case.$add($name, || {
            let $make = || $channel;
            $work
        });
    )*};
}

/// Adds all whose one sender and one receiver need not wait.
#[macro_export]
macro_rules! add_spsc_try {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::spsc($capacity),
            "nexus-queue" => nexus_queue::spsc::ring_buffer($capacity),
            "gil" => gil::spsc::channel($crate::channels::non_zero($capacity)),
            "rtrb" => rtrb::RingBuffer::new($capacity),
            "disruptor" => $crate::channels::disruptor($capacity),
            "fibre" => fibre::spsc::bounded_sync($capacity),
            "crossfire" => crossfire::spsc::bounded_blocking($capacity),
            "chenal" => chenal::mpsc::channel($capacity),
            "rapidfire" => rapidfire::mpsc::bounded($capacity),
            "ArrayQueue" => $crate::channels::array_queue($capacity),
            "crossbeam" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "tachyonix" => tachyonix::channel($capacity),
            "tokio" => tokio::sync::mpsc::channel($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose many senders and one receiver need not wait.
#[macro_export]
macro_rules! add_mpsc_try {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::mpsc($capacity),
            "gil" => gil::mpsc::channel($crate::channels::non_zero($capacity)),
            "nexus-queue" => nexus_queue::mpsc::ring_buffer($capacity),
            "chenal" => chenal::mpsc::channel($capacity),
            "fibre" => fibre::mpsc::bounded($capacity),
            "crossfire" => crossfire::mpsc::bounded_blocking($capacity),
            "rapidfire" => rapidfire::mpsc::bounded($capacity),
            "ArrayQueue" => $crate::channels::array_queue($capacity),
            "crossbeam" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "tachyonix" => tachyonix::channel($capacity),
            "tokio" => tokio::sync::mpsc::channel($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose one sender and many receivers need not wait.
#[macro_export]
macro_rules! add_spmc_try {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::spmc($capacity),
            "gil" => gil::spmc::channel($crate::channels::non_zero($capacity)),
            "nexus-queue" => nexus_queue::spmc::ring_buffer($capacity),
            "fibre" => fibre::mpmc::bounded($capacity),
            "crossfire" => crossfire::mpmc::bounded_blocking($capacity),
            "rapidfire" => rapidfire::bounded($capacity),
            "ArrayQueue" => $crate::channels::array_queue($capacity),
            "crossbeam" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose many senders and many receivers need not wait.
#[macro_export]
macro_rules! add_mpmc_try {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::mpmc($capacity),
            "gil" => gil::mpmc::channel($crate::channels::non_zero($capacity)),
            "fibre" => fibre::mpmc::bounded($capacity),
            "crossfire" => crossfire::mpmc::bounded_blocking($capacity),
            "rapidfire" => rapidfire::bounded($capacity),
            "ArrayQueue" => $crate::channels::array_queue($capacity),
            "crossbeam" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose one sender and one receiver block threads.
#[macro_export]
macro_rules! add_spsc_blocking {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::spsc($capacity),
            "fibre" => fibre::spsc::bounded_sync($capacity),
            "crossfire" => crossfire::spsc::bounded_blocking($capacity),
            "chenal" => chenal::mpsc::channel($capacity),
            "crossbeam" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "tokio" => tokio::sync::mpsc::channel($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose many senders and one receiver block threads.
#[macro_export]
macro_rules! add_mpsc_blocking {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::mpsc($capacity),
            "chenal" => chenal::mpsc::channel($capacity),
            "fibre" => fibre::mpsc::bounded($capacity),
            "crossfire" => crossfire::mpsc::bounded_blocking($capacity),
            "crossbeam" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "tokio" => tokio::sync::mpsc::channel($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose one sender and many receivers block threads.
#[macro_export]
macro_rules! add_spmc_blocking {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::spmc($capacity),
            "fibre" => fibre::mpmc::bounded($capacity),
            "crossfire" => crossfire::mpmc::bounded_blocking($capacity),
            "crossbeam" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose many senders and many receivers block threads.
#[macro_export]
macro_rules! add_mpmc_blocking {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::mpmc($capacity),
            "fibre" => fibre::mpmc::bounded($capacity),
            "crossfire" => crossfire::mpmc::bounded_blocking($capacity),
            "crossbeam" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all that hold nothing and block threads.
#[macro_export]
macro_rules! add_rendezvous_blocking {
    ($case:ident.$add:ident, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::rendezvous(),
            "fibre" => fibre::spsc::rendezvous::rendezvous(),
            "crossbeam" => crossbeam_channel::bounded(0),
            "kanal" => kanal::bounded(0),
            "flume" => flume::bounded(0),
        }
    };
}

/// Adds all whose one sender and one receiver are awaited.
#[macro_export]
macro_rules! add_spsc_async {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::spsc($capacity),
            "fibre" => fibre::spsc::bounded_async($capacity),
            "crossfire" => crossfire::spsc::bounded_async($capacity),
            "chenal" => chenal::mpsc::channel($capacity),
            "rapidfire" => rapidfire::mpsc::bounded($capacity),
            "kanal" => kanal::bounded_async($capacity),
            "tachyonix" => tachyonix::channel($capacity),
            "tokio" => tokio::sync::mpsc::channel($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose many senders and one receiver are awaited.
#[macro_export]
macro_rules! add_mpsc_async {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::mpsc($capacity),
            "chenal" => chenal::mpsc::channel($capacity),
            "fibre" => fibre::mpsc::bounded_async($capacity),
            "crossfire" => crossfire::mpsc::bounded_async($capacity),
            "rapidfire" => rapidfire::mpsc::bounded($capacity),
            "kanal" => kanal::bounded_async($capacity),
            "tachyonix" => tachyonix::channel($capacity),
            "tokio" => tokio::sync::mpsc::channel($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose one sender and many receivers are awaited.
#[macro_export]
macro_rules! add_spmc_async {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::spmc($capacity),
            "fibre" => fibre::mpmc::bounded_async($capacity),
            "crossfire" => crossfire::mpmc::bounded_async($capacity),
            "rapidfire" => rapidfire::bounded($capacity),
            "kanal" => kanal::bounded_async($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all whose many senders and many receivers are awaited.
#[macro_export]
macro_rules! add_mpmc_async {
    ($case:ident.$add:ident, $capacity:expr, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::mpmc($capacity),
            "fibre" => fibre::mpmc::bounded_async($capacity),
            "crossfire" => crossfire::mpmc::bounded_async($capacity),
            "rapidfire" => rapidfire::bounded($capacity),
            "kanal" => kanal::bounded_async($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "flume" => flume::bounded($capacity),
        }
    };
}

/// Adds all that hold nothing and are awaited.
#[macro_export]
macro_rules! add_rendezvous_async {
    ($case:ident.$add:ident, |$make:ident| $work:expr) => {
        $crate::add_each! {
            $case.$add, |$make| $work,
            #[cfg(feature = "nimsync")]
            "nimsync" => ::nimsync::channel::rendezvous(),
            "fibre" => fibre::spsc::rendezvous::rendezvous_async(),
            "kanal" => kanal::bounded_async(0),
            "flume" => flume::bounded(0),
        }
    };
}
