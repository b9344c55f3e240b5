//! The function-like macros: shells that tell the procedural ones where this
//! crate is.

/// Runs a task group: a body, and children that it spawns.
///
/// ```text
/// task_group!(option = value, .., |g| { body })
/// ```
///
/// The value is a future; awaiting it yields what the body returns, or
/// [`GroupError`](crate::GroupError). It ends when the body and every child
/// have ended. See [`TaskGroup`](crate::TaskGroup) for what the body can do with
/// `g`, and the crate's guide for the rules.
///
/// Options come first:
///
/// | option | meaning |
/// |---|---|
/// | `policy = fail_fast` | the first error cancels the rest (the default) |
/// | `policy = collect_errors` | everyone finishes, all errors are reported |
/// | `policy = ignore_errors` | errors of children are counted only |
/// | `policy = quorum(n)` | `n` successes end the group |
/// | `limit = n` | at most `n` children run at once |
/// | `timeout = duration`, `deadline = instant` | the group is cancelled then |
/// | `grace = duration` | on failure or timeout, children may end by themselves for so long |
/// | `name = ".."` | a name for errors and the live tree |
/// | `eager` | children are polled once where they are spawned |
/// | `own(a, b)` | `a` and `b` move into the group, children borrow from them |
///
/// A body, or an `async` block given to `g.spawn` and its kin, that ends
/// without a value may use `?`: the macro adds the `Ok(())`.
///
/// # Cancel safety
///
/// Dropping the future cancels the children; the task that drops it does not
/// end before they have.
///
/// # Panics
///
/// If the body or a child panics, with the first payload, after all have ended.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use std::io;
///
/// async fn fetch(n: u32) -> Result<String, io::Error> {
///     Ok(format!("page {n}"))
/// }
///
/// # nimsync::block_on(async {
/// let mut log = Vec::new();
/// let total = task_group!(|g| {
///     let a = g.spawn(fetch(1));
///     let b = g.spawn(async move { fetch(2).await });
///     g.spawn_local(async { log.push("in place"); });
///     g.spawn(async { fetch(3).await?; });
///     a.await.len() + b.await.len()
/// })
/// .await?;
/// assert_eq!((total, log.len()), (12, 1));
/// # Ok::<(), nimsync::GroupError>(())
/// # }).unwrap();
/// ```
#[macro_export]
macro_rules! task_group {
    ($($tokens:tt)*) => { $crate::__private::task_group_inner!(($crate) $($tokens)*) };
}

/// Runs a future, or a block, for at most a duration; see [`timeout`](crate::timeout()).
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let outcome = with_timeout!(1.milliseconds(), { sleep(1.minutes()).await; }).await;
/// assert_eq!(outcome.unwrap_err().to_string(), "not done within 1ms");
/// # });
/// ```
#[macro_export]
macro_rules! with_timeout {
    ($($tokens:tt)*) => { $crate::__private::with_timeout_inner!(($crate) $($tokens)*) };
}

/// Runs a future, or a block, until a point in time at most; see
/// [`timeout_at`](crate::timeout_at()).
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let deadline = nimsync::now() + 1.milliseconds();
/// assert!(with_deadline!(deadline, sleep(1.minutes())).await.is_err());
/// # });
/// ```
#[macro_export]
macro_rules! with_deadline {
    ($($tokens:tt)*) => { $crate::__private::with_deadline_inner!(($crate) $($tokens)*) };
}

/// Protects a future, or a block, from cancellation; see [`shield`](crate::shield()).
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let scope = CancelScope::new();
/// scope.cancel();
/// assert_eq!(scope.run(shield!({ nimsync::yield_now().await; 7 })).await.unwrap(), 7);
/// # });
/// ```
#[macro_export]
macro_rules! shield {
    ($($tokens:tt)*) => { $crate::__private::shield_inner!(($crate) $($tokens)*) };
}

/// Yields the output of the first of several futures to finish.
///
/// The others are cancelled, and dropped when groups and shields inside of them
/// have ended. No arm is preferred. All must have the same output.
///
/// # Cancel safety
///
/// Dropping the race drops all its futures.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let fast = async { "fast" };
/// let slow = async { sleep(1.minutes()).await; "slow" };
/// assert_eq!(race!(fast, slow).await, "fast");
/// # });
/// ```
#[macro_export]
macro_rules! race {
    ($($tokens:tt)*) => { $crate::__private::race_inner!(($crate) $($tokens)*) };
}

/// Yields the first success of several futures, or the last error if all fail.
///
/// The others are cancelled as in [`race!`].
///
/// # Cancel safety
///
/// Dropping the race drops all its futures.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let broken = async { Err::<u32, _>("mirror is down") };
/// let good = async { nimsync::yield_now().await; Ok(7) };
/// assert_eq!(first_ok!(broken, good).await, Ok(7));
/// # });
/// ```
#[macro_export]
macro_rules! first_ok {
    ($($tokens:tt)*) => { $crate::__private::first_ok_inner!(($crate) $($tokens)*) };
}

/// Declares task locals; see [`LocalKey`](crate::LocalKey).
///
/// # Examples
///
/// ```
/// nimsync::task_local! {
///     /// Who asks.
///     pub static USER: String;
///     static DEPTH: u32;
/// }
/// # nimsync::block_on(async {
/// let name = USER.scope("ada".to_owned(), async { USER.with(String::len) }).await;
/// assert_eq!(name, 3);
/// assert!(DEPTH.try_with(|depth| *depth).is_err());
/// # });
/// ```
#[macro_export]
macro_rules! task_local {
    ($($(#[$attr:meta])* $vis:vis static $name:ident: $value:ty);* $(;)?) => {$(
        $(#[$attr])*
        $vis static $name: $crate::LocalKey<$value> = $crate::LocalKey::new();
    )*};
}

/// Waits for several futures, and runs the arm of the first that is ready; the others are dropped and have taken nothing.
///
/// Arms are `pattern = future => body`, or `pattern = future, if condition => body`. An arm whose condition is false, or whose
/// pattern does not match what its future gave, takes no part any more; when none is left `else => body` runs.
/// `default => body` runs when nothing is ready now, so such a `select!` never waits.
/// The order of looking changes each time; with `biased;` first it is the order of writing.
///
/// # Cancel safety
///
/// All channel waits are cancel safe, so an arm that loses has taken and sent nothing. The value of a losing `send` is dropped; take
/// `reserve()` as the arm to keep it. When this is dropped, so are the arms.
///
/// # Panics
///
/// When no arm is left and there is no `else`.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// use nimsync::{channel, select};
///
/// let (mut numbers, mut rx1) = channel::spsc::<i32>(4);
/// let (words, mut rx2) = channel::mpsc::<&str>(4);
/// numbers.send(1).await?;
/// drop(words);
/// let mut seen = Vec::new();
/// loop {
///     select! {
///         biased;
///         Ok(number) = rx1.recv() => seen.push(number),
///         Ok(word) = rx2.recv() => unreachable!("{word}"),
///         default => break,
///         else => break,
///     }
/// }
/// assert_eq!(seen, [1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[macro_export]
macro_rules! select {
    ($($tokens:tt)*) => { $crate::__private::select_inner!(($crate) $($tokens)*) };
}

/// Makes a [`Stream`](crate::stream::Stream) of straight code: `yield x;` gives out an item.
///
/// The code takes what it uses with it (`async move`). It runs only while an item is asked for,
/// may `.await`, and ends the stream when it ends, or with `return;`. It needs no boxing
/// and no pinning, and an item costs no allocation.
///
/// # Cancel safety
///
/// Dropping the future of `next()` loses nothing: the code goes on where it was at the
/// next one. Dropping the stream drops the code where it is.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let mut ticks = stream! {
///     for number in 0..3 {
///         sleep(1.milliseconds()).await;
///         yield number;
///     }
/// };
/// while let Some(number) = ticks.next().await {
///     println!("tick {number}");
/// }
/// # });
/// ```
#[macro_export]
macro_rules! stream {
    ($($tokens:tt)*) => { $crate::__private::stream_inner!(($crate) $($tokens)*) };
}

/// Makes a stream of results of straight code: `yield x;` gives out `Ok(x)`, and `?` an error,
/// which is the last item.
///
/// Otherwise it is as [`stream!`]. Where `?` does not tell what error the stream has, a
/// return type does.
///
/// # Cancel safety
///
/// As for [`stream!`].
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use nimsync::stream::Stream;
/// use std::num::ParseIntError;
///
/// fn numbers(text: &str) -> impl Stream<Item = Result<u32, ParseIntError>> {
///     try_stream! {
///         for word in text.split(' ') {
///             yield word.parse()?;
///         }
///     }
/// }
///
/// # nimsync::block_on(async {
/// let numbers: Vec<_> = numbers("1 2 three 4").collect().await;
/// assert_eq!(numbers.len(), 3);
/// assert_eq!(numbers[1], Ok(2));
/// assert!(numbers[2].is_err());
/// # });
/// ```
#[macro_export]
macro_rules! try_stream {
    ($($tokens:tt)*) => { $crate::__private::try_stream_inner!(($crate) $($tokens)*) };
}
