//! The modes: which ring, which kind of handle on each side.

use super::{
    core::{Channel, Tally},
    receiver::{SharedReceiver, UniqueReceiver},
    ring,
    sender::{SharedSender, UniqueSender},
};

/// Declares a mode: a module with its types, and its constructor.
macro_rules! mode {
    (
        $(#[$doc:meta])*
        $mode:ident($($capacity:ident)?): $Ring:ty, $Sender:ident -> $Receiver:ident $(, $Weak:ident)?;
    ) => {
        #[doc = concat!("The types of [`", stringify!($mode), "`](fn@", stringify!($mode), ").")]
        pub mod $mode {
            use super::*;

            /// The ring behind the handles.
            pub type Ring<T> = $Ring;
            /// A sender.
            pub type Sender<T> = $Sender<Ring<T>>;
            /// A receiver.
            pub type Receiver<T> = $Receiver<Ring<T>>;
            /// A place in the channel, reserved for one value.
            pub type Permit<'a, T> = crate::channel::Permit<'a, Ring<T>>;
            $(
                /// A sender that does not keep the channel open.
                pub type WeakSender<T> = crate::channel::sender::$Weak<Ring<T>>;
            )?
        }

        $(#[$doc])*
        pub fn $mode<T>($($capacity: usize)?) -> ($mode::Sender<T>, $mode::Receiver<T>) {
            let channel = Channel::listed($mode::Ring::<T>::new($($capacity, 0)?), Tally::default());
            ($Sender::new(channel.clone()), $Receiver::new(channel))
        }
    };
}

mode! {
    /// Makes a channel with one sender and one receiver.
    ///
    /// The fastest: neither side ever needs an atomic read-modify-write.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0 (see [`rendezvous`](super::rendezvous())) or does not fit into memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use nimsync::channel;
    ///
    /// let (mut tx, mut rx) = channel::spsc::<i32>(3);
    /// tx.send(1).await?;
    /// tx.try_send(2)?;
    /// tx.reserve().await?.send(3);
    /// assert!(tx.try_send(4).is_err());
    /// drop(tx);
    ///
    /// let mut sum = 0;
    /// while let Ok(value) = rx.recv().await {
    ///     sum += value;
    /// }
    /// assert_eq!(sum, 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// A second producer is refused by the compiler:
    ///
    /// ```compile_fail,E0599
    /// let (tx, rx) = nimsync::channel::spsc::<i32>(3);
    /// let second = tx.clone();
    /// ```
    spsc(capacity): ring::Spsc<T>, UniqueSender -> UniqueReceiver;
}

mode! {
    /// Makes a channel with many senders and one receiver.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0 (see [`rendezvous`](super::rendezvous())) or does not fit into memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// let (tx, mut rx) = channel::mpsc::<u32>(8);
    /// let threads: Vec<_> = (0..4)
    ///     .map(|i| {
    ///         let tx = tx.clone();
    ///         std::thread::spawn(move || tx.send_blocking(i).unwrap())
    ///     })
    ///     .collect();
    /// drop(tx);
    ///
    /// let mut sum = 0;
    /// while let Ok(value) = rx.recv_blocking() {
    ///     sum += value;
    /// }
    /// assert_eq!(sum, 6);
    /// # threads.into_iter().for_each(|thread| thread.join().unwrap());
    /// ```
    mpsc(capacity): ring::Stamped<T, false, true>, SharedSender -> UniqueReceiver, WeakSender;
}

mode! {
    /// Makes a channel with one sender and many receivers, of which one gets each value.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0 (see [`rendezvous`](super::rendezvous())) or does not fit into memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// let (mut tx, rx) = channel::spmc::<u32>(8);
    /// let workers: Vec<_> = (0..2)
    ///     .map(|_| {
    ///         let rx = rx.clone();
    ///         std::thread::spawn(move || {
    ///             let mut sum = 0;
    ///             while let Ok(value) = rx.recv_blocking() {
    ///                 sum += value;
    ///             }
    ///             sum
    ///         })
    ///     })
    ///     .collect();
    /// tx.send_many_blocking(0..100).unwrap();
    /// drop(tx);
    /// assert_eq!(workers.into_iter().map(|worker| worker.join().unwrap()).sum::<u32>(), 4950);
    /// ```
    spmc(capacity): ring::Stamped<T, true, false>, UniqueSender -> SharedReceiver;
}

mode! {
    /// Makes a channel with many senders and many receivers; one receiver gets each value.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0 (see [`rendezvous`](super::rendezvous())) or does not fit into memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// use nimsync::channel;
    ///
    /// let (tx, rx) = channel::mpmc::<&str>(2);
    /// let other = rx.clone();
    /// tx.send("a").await?;
    /// tx.clone().send("b").await?;
    /// assert_eq!(rx.recv().await?, "a");
    /// assert_eq!(other.recv().await?, "b");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    mpmc(capacity): ring::Stamped<T, false, false>, SharedSender -> SharedReceiver, WeakSender;
}

mode! {
    /// Makes a channel without a bound: sending never waits, and what is not received piles up.
    ///
    /// # Allocation
    ///
    /// The queue grows as needed, and gives its memory back when it runs empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// let (tx, rx) = channel::unbounded();
    /// tx.try_send("never full").unwrap();
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Ok("never full"));
    /// assert_eq!(rx.try_recv(), Err(channel::TryRecvError::Closed));
    /// ```
    unbounded(): ring::List<T>, SharedSender -> SharedReceiver, WeakSender;
}

/// The bounded modes with their positions starting at `start`: tests let them wrap around.
#[doc(hidden)]
pub mod starting_at {
    use super::*;

    macro_rules! start {
        ($($mode:ident: $Sender:ident -> $Receiver:ident;)*) => {$(
            pub fn $mode<T>(capacity: usize, start: usize) -> ($mode::Sender<T>, $mode::Receiver<T>) {
                let channel = Channel::listed($mode::Ring::<T>::new(capacity, start), Tally::default());
                ($Sender::new(channel.clone()), $Receiver::new(channel))
            }
        )*};
    }

    start! {
        spsc: UniqueSender -> UniqueReceiver;
        mpsc: SharedSender -> UniqueReceiver;
        spmc: UniqueSender -> SharedReceiver;
        mpmc: SharedSender -> SharedReceiver;
    }
}
