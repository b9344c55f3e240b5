//! The operators as methods.

use super::ops::{
    BatchWithin, BufferedBy, Debounce, Rate, Retry, Retrying, Throttle, TimeoutEach, Window,
    WindowBy, WindowCount,
};
use super::par::{Limit, ParMap};
use super::policy::Backpressure;
use futures::Stream;
use futures::stream::{Chunks, Select};
use std::future::Future;
use std::time::Duration;

/// Operators that [`futures::StreamExt`] does not have.
///
/// Both are in the prelude, so `map`, `filter`, `collect` and the rest are at hand as well.
///
/// # Cancel safety
///
/// Dropping the future of `next()` on any of these streams loses nothing: what has been taken
/// from upstream stays in the operator. Dropping the operator drops what is in it.
///
/// # Time
///
/// Operators with a time read the runtime's clock; with
/// `#[nimsync::test(start_paused = true)]` they are tested without waiting. They work on any
/// executor, but for `par_map` and its kin and `buffered_by`, which spawn children and need
/// a nimsync runtime.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let sums: Vec<u64> = stream::iter(1..=4u64)
///     .par_map(2, |n| async move { n * n }) // two at a time, on the workers; in order
///     .batch(2)
///     .map(|pair| pair.iter().sum::<u64>())
///     .collect()
///     .await;
/// assert_eq!(sums, [5, 25]);
/// # });
/// ```
pub trait StreamExt: Stream {
    /// Collects `size` items into a vector; the last may have fewer.
    ///
    /// ```text
    /// --a-b-c------d-e-f--g|
    ///    batch(3)
    /// ------[abc]------[def]-[g]|
    /// ```
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let batches: Vec<_> = stream::iter(1..=5).batch(2).collect().await;
    /// assert_eq!(batches, [vec![1, 2], vec![3, 4], vec![5]]);
    /// # });
    /// ```
    fn batch(self, size: usize) -> Chunks<Self>
    where
        Self: Sized,
    {
        futures::StreamExt::chunks(self, size)
    }

    /// Collects up to `size` items into a vector, which does not wait longer than `within`
    /// after its first item.
    ///
    /// ```text
    /// --a-b-c----d---------|
    ///    batch_within(3, 5 ticks)
    /// ------[abc]----[d]---|
    /// ```
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let lines = stream::iter(["a", "b", "c"]);
    /// let batches: Vec<_> = lines.batch_within(2, 1.seconds()).collect().await;
    /// assert_eq!(batches, [vec!["a", "b"], vec!["c"]]);
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    #[track_caller]
    fn batch_within(self, size: usize, within: Duration) -> BatchWithin<Self>
    where
        Self: Sized,
    {
        BatchWithin::new(self, size, within)
    }

    /// Lets items pass at a rate: a number of items a second, or a [`Rate`].
    ///
    /// The source waits; nothing is dropped.
    ///
    /// ```text
    /// -abcd----------------e-|
    ///    throttle(one in 3 ticks)
    /// -a--b--c--d----------e-|
    /// ```
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use nimsync::stream::Rate;
    ///
    /// # nimsync::block_on(async {
    /// let before = nimsync::now();
    /// let quick = stream::iter(0..10).throttle(Rate::per_second(1_000).burst(5));
    /// assert_eq!(quick.count().await, 10);
    /// assert!(nimsync::now() - before >= 5.milliseconds());
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// If the rate is a number, and 0.
    #[track_caller]
    fn throttle(self, rate: impl Into<Rate>) -> Throttle<Self>
    where
        Self: Sized,
    {
        Throttle::new(self, rate.into())
    }

    /// Yields an item when none has followed it for `quiet`.
    ///
    /// ```text
    /// -a-b-c--------d-e-|
    ///    debounce(4 ticks)
    /// ---------c--------e|
    /// ```
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::Runtime::local().paused_clock().build().unwrap().block_on(async {
    /// let keys = stream! {
    ///     yield "h";
    ///     yield "he"; // right behind the other
    ///     sleep(1.seconds()).await;
    ///     yield "hello";
    /// };
    /// let searches: Vec<_> = keys.debounce(200.milliseconds()).collect().await;
    /// assert_eq!(searches, ["he", "hello"]);
    /// # });
    /// ```
    fn debounce(self, quiet: Duration) -> Debounce<Self>
    where
        Self: Sized,
    {
        Debounce::new(self, quiet)
    }

    /// Collects the items of each `length` of time; the first window begins with the first
    /// poll. Windows in which nothing came are left out.
    ///
    /// ```text
    /// -a-b-c----------d-|
    ///    window(4 ticks)
    /// ----[ab]----[c]----[d]|
    /// ```
    ///
    /// # Panics
    ///
    /// If `length` is zero.
    #[track_caller]
    fn window(self, length: Duration) -> Window<Self>
    where
        Self: Sized,
    {
        Window::new(self, length)
    }

    /// Yields windows of `size` items, of which each begins `step` items after the one before.
    ///
    /// They overlap if `step` is less than `size`. An incomplete one at the end is left out.
    ///
    /// ```text
    /// -a---b---c---d---|
    ///    window_count(2, 1)
    /// -----[ab]-[bc]-[cd]-|
    /// ```
    ///
    /// # Panics
    ///
    /// If one of them is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let sums: Vec<i32> = stream::iter([1, 2, 3, 4])
    ///     .window_count(2, 1)
    ///     .map(|window| window.iter().sum::<i32>())
    ///     .collect()
    ///     .await;
    /// assert_eq!(sums, [3, 5, 7]);
    /// # });
    /// ```
    #[track_caller]
    fn window_count(self, size: usize, step: usize) -> WindowCount<Self>
    where
        Self: Sized,
        Self::Item: Clone,
    {
        WindowCount::new(self, size, step)
    }

    /// Collects items that follow each other and have the same key: the minute in which they
    /// were logged, say.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let seconds = stream::iter([3, 50, 61, 119, 200]);
    /// let minutes: Vec<_> = seconds.window_by(|second| second / 60).collect().await;
    /// assert_eq!(minutes, [(0, vec![3, 50]), (1, vec![61, 119]), (3, vec![200])]);
    /// # });
    /// ```
    fn window_by<F, K>(self, key: F) -> WindowBy<Self, F, K>
    where
        Self: Sized,
        F: FnMut(&Self::Item) -> K,
        K: PartialEq,
    {
        WindowBy::new(self, key)
    }

    /// Yields what comes from either stream, as it comes; neither is preferred.
    ///
    /// ```text
    /// -a-----b-----|
    /// ---1-2---3-|
    ///    merge
    /// -a-1-2-b-3---|
    /// ```
    fn merge<S>(self, other: S) -> Select<Self, S>
    where
        Self: Sized,
        S: Stream<Item = Self::Item>,
    {
        futures::stream::select(self, other)
    }

    /// Works on up to `limit` items at a time, in parallel; yields the results in the order of
    /// the items.
    ///
    /// `f` is called here; the futures that it returns run on the workers, as children of
    /// a group. They go on while the consumer is busy, until twice as many items as
    /// the limit are under way. Panics come out of the stream. When the stream is dropped
    /// its children are cancelled, and the task does not end before they have.
    ///
    /// `limit` is a number, or [`adaptive`](super::adaptive).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let squares = stream::iter(1..=4).par_map(2, |n| async move {
    ///     sleep((5 - n).milliseconds()).await;
    ///     n * n
    /// });
    /// assert_eq!(squares.collect::<Vec<_>>().await, [1, 4, 9, 16]);
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// If `limit` is 0.
    #[track_caller]
    fn par_map<F, J>(self, limit: impl Into<Limit>, f: F) -> ParMap<Self, F, J>
    where
        Self: Sized,
        F: FnMut(Self::Item) -> J,
        J: Future<Output: Send + 'static> + Send + 'static,
    {
        ParMap::new(self, limit.into(), f, true, |_| false)
    }

    /// As [`par_map`](Self::par_map), but yields results as they are ready.
    ///
    /// # Panics
    ///
    /// As for [`par_map`](Self::par_map).
    #[track_caller]
    fn par_map_unordered<F, J>(self, limit: impl Into<Limit>, f: F) -> ParMap<Self, F, J>
    where
        Self: Sized,
        F: FnMut(Self::Item) -> J,
        J: Future<Output: Send + 'static> + Send + 'static,
    {
        ParMap::new(self, limit.into(), f, false, |_| false)
    }

    /// As [`par_map`](Self::par_map) for work that can fail: the first error cancels the
    /// rest, and is the last item.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let numbers = stream::iter(["1", "two", "3"])
    ///     .try_par_map(2, |text| async move { text.parse::<u32>() });
    /// let numbers: Vec<_> = numbers.collect().await;
    /// assert_eq!(numbers.len(), 2);
    /// assert_eq!(numbers[1].as_ref().unwrap_err().to_string(), "invalid digit found in string");
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// As for [`par_map`](Self::par_map).
    #[track_caller]
    fn try_par_map<F, J, T, E>(self, limit: impl Into<Limit>, f: F) -> ParMap<Self, F, J>
    where
        Self: Sized,
        F: FnMut(Self::Item) -> J,
        J: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        ParMap::new(self, limit.into(), f, true, Result::is_err)
    }

    /// As [`try_par_map`](Self::try_par_map), but yields results as they are ready.
    ///
    /// # Panics
    ///
    /// As for [`par_map`](Self::par_map).
    #[track_caller]
    fn try_par_map_unordered<F, J, T, E>(self, limit: impl Into<Limit>, f: F) -> ParMap<Self, F, J>
    where
        Self: Sized,
        F: FnMut(Self::Item) -> J,
        J: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        ParMap::new(self, limit.into(), f, false, Result::is_err)
    }

    /// Puts a buffer behind the stream, which a child fills while the consumer is busy; the
    /// policy says what happens when it is full.
    ///
    /// Where an item is refused (`Fail`, or a spill that fails), the stream ends behind what is
    /// in the buffer, and [`BufferedBy::take_failure`] has the item.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    #[track_caller]
    fn buffered_by(self, policy: Backpressure<Self::Item>, capacity: usize) -> BufferedBy<Self>
    where
        Self: Sized + Send + 'static,
        Self::Item: Send + 'static,
    {
        BufferedBy::new(self, policy, capacity)
    }

    /// Yields an error for each `limit` that passes without an item, and goes on.
    ///
    /// ```text
    /// -a---------b-|
    ///    timeout_each(4 ticks)
    /// -a---X---X-b-|
    /// ```
    ///
    /// Time runs only while an item is waited for.
    fn timeout_each(self, limit: Duration) -> TimeoutEach<Self>
    where
        Self: Sized,
    {
        TimeoutEach::new(self, limit)
    }

    /// Begins again with the stream that `again` makes when an error comes; passes the error on
    /// when that was done often enough.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use nimsync::stream::Retry;
    ///
    /// # nimsync::block_on(async {
    /// let first = stream::iter([Ok(1), Err("disconnected")]);
    /// let all: Vec<_> = first
    ///     .retry(Retry::times(3), || stream::iter([Ok(2), Ok(3)]))
    ///     .collect()
    ///     .await;
    /// assert_eq!(all, [Ok(1), Ok(2), Ok(3)]);
    /// # });
    /// ```
    fn retry<T, E, F>(self, retry: Retry, again: F) -> Retrying<Self, F>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        F: FnMut() -> Self,
    {
        Retrying::new(self, retry, again)
    }
}

impl<S: Stream + ?Sized> StreamExt for S {}
