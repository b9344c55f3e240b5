//! The procedural macros of [nimsync](https://docs.rs/nimsync). Use them through that crate.
//!
//! Every macro goes through three stages. `parse` turns tokens into an `Ast` and knows syntax.
//! `check` turns the `Ast` into a `Model` and knows the rules; it collects every mistake in a
//! `report::Report`, so that one run of the compiler shows all of them. `expand` turns the
//! `Model` into tokens and cannot fail. The user's code stays the user's tokens, so that rustc's
//! own messages and the editor's features point at what was written.
//!
//! An attribute finds the runtime at `::nimsync`, or where its `crate` option says. The other
//! macros are called by `macro_rules!` shells in the runtime, `task_group_inner!(($crate) ..)`, and
//! find it through that first group.

#![forbid(unsafe_code)]

mod actor;
mod body;
mod entry;
mod future;
mod group;
mod nearest;
mod race;
mod report;
mod select;
mod settings;
#[cfg(test)]
mod snapshot;
mod stream;
mod supervisor;
mod wrap;

use proc_macro::TokenStream;
use proc_macro2::{TokenStream as TokenStream2, TokenTree};

/// Starts the runtime and runs an `async fn main` as the root of the task tree.
///
/// The program ends when the function has returned and no task is left. It may return whatever
/// `main` may return.
///
/// | option | meaning |
/// |---|---|
/// | `flavor = "threads"` | a worker thread per core; this is the default |
/// | `flavor = "local"` | everything on the calling thread |
/// | `workers = 4` | this many worker threads |
/// | `tokio` | a tokio runtime in the background, for libraries made for it (feature `tokio`) |
/// | `crate = path` | where the runtime is found, `::nimsync` if not given |
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[nimsync::main(workers = 2)]
/// async fn main() -> Result<(), nimsync::GroupError> {
///     task_group!(|g| {
///         g.spawn(async { println!("hello") });
///     })
///     .await
/// }
/// ```
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::entry(entry::Kind::Main, options.into(), item.into()).into()
}

/// Makes a test of an `async fn`, which runs as the root of a task tree of its own.
///
/// The function may return whatever a test may return. `#[ignore]` and `#[should_panic]` work as
/// with `#[test]`.
///
/// | option | meaning |
/// |---|---|
/// | `flavor = "local"` | everything on the test's thread; this is the default |
/// | `flavor = "threads"` | a worker thread per core |
/// | `workers = 2` | this many worker threads |
/// | `tokio` | a tokio runtime in the background, for libraries made for it (feature `tokio`) |
/// | `start_paused = true` | virtual time, which moves on by itself when nothing can run |
/// | `crate = path` | where the runtime is found, `::nimsync` if not given |
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[nimsync::test(start_paused = true)]
/// async fn takes_no_time() {
///     sleep(60.minutes()).await;
/// }
/// ```
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::entry(entry::Kind::Test, options.into(), item.into()).into()
}

/// Makes an actor of a struct, and messages of the methods of its impl.
///
/// On a struct it makes a handle, `CounterHandle` for `Counter`, and takes options:
///
/// | option | meaning |
/// |---|---|
/// | `mailbox = 64` | this many messages wait at most |
/// | `full = wait` | when there is no room, senders wait; this is the default |
/// | `full = reject` | .. senders are told so |
/// | `full = drop_newest` | .. the message is dropped and reported as undelivered |
/// | `full = drop_oldest` | .. the message that has waited longest is, in its place |
/// | `full = stop` | .. the actor handles what is in its mailbox, and ends |
/// | `concurrent = 32` | this many concurrent messages are handled at the same time at most |
/// | `stop_within = "5s"` | how long a stop may take before it becomes a kill |
/// | `crate = path` | where the runtime is found, `::nimsync` if not given |
///
/// On an inherent impl it makes a method of the handle from each visible method, and from each with
/// `#[message]`. They take `&mut self` or `&self`, owned arguments, a `Reply<T>` if they answer by that
/// and not by what they return, and last, if they want it, a `&mut Cx<Self>`. The other methods stay
/// what they are. Further attributes:
///
/// | attribute | the method runs |
/// |---|---|
/// | `#[init]` | when a supervisor makes the actor; returns it, or a `Result` |
/// | `#[on_start]` | before the first message; an error is a failure |
/// | `#[on_stop]` | after the last message; may take a `StopReason` |
/// | `#[on_exit]` | when a watched actor has ended; may take an `ActorId` and a `StopReason` |
/// | `#[every("1s")]` | at intervals |
///
/// | option of `#[message(..)]` | meaning |
/// |---|---|
/// | `priority = high`, or `low` | handled before the others, or behind them |
/// | `concurrent` | on an `async` method with `&self`: handled beside its neighbours of that kind |
/// | `accept` | its one argument's type leads here, where several messages take that type |
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor(mailbox = 16)]
/// struct Counter { n: u32 }
///
/// #[actor]
/// impl Counter {
///     pub fn add(&mut self, by: u32) { self.n += by; }
///     pub fn get(&self) -> u32 { self.n }
/// }
///
/// # fn main() {
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let counter = system.spawn(Counter { n: 0 });
/// counter.add(5).tell().await?;
/// assert_eq!(counter.get().await?, 5);
/// system.stop().await?;
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// # }
/// ```
#[proc_macro_attribute]
pub fn actor(options: TokenStream, item: TokenStream) -> TokenStream {
    actor::actor(options.into(), item.into()).into()
}

/// Makes a supervisor of a struct whose fields are actors, or supervisors.
///
/// The order of the fields is the order of start, the reverse that of the stop. `App::start()` makes
/// a system, starts the children in it, and yields the `App`, which has a method for each child that
/// returns its handle, and `stop`; `App::start_in(&system)` starts them in a system that is there.
/// An actor needs an `#[init]` method. Of a field that is a `#[supervisor]` itself the method returns
/// the struct, with the handles below; its escalation is a failure of that child.
///
/// A field with `#[arg]` is no child but an argument of `start`. The arguments of the children may
/// use it, and the handles of the children before them; each child gets clones.
///
/// | option | meaning |
/// |---|---|
/// | `strategy = one_for_one` | a child that fails is restarted; this is the default |
/// | `strategy = one_for_all` | .. and all others with it |
/// | `strategy = rest_for_one` | .. and those behind it |
/// | `restarts = 3, within = "5s"` | so often each child is restarted; then the supervisor fails |
/// | `backoff = "100ms..10s"` | the first and the longest wait before a restart; by default none |
/// | `crate = path` | where the runtime is found, `::nimsync` if not given |
///
/// | option of `#[child(..)]` | meaning |
/// |---|---|
/// | `init(a, b)` | the arguments of its `#[init]` method, evaluated at each restart; of a supervisor, those of its `start`, evaluated once |
/// | `lifetime = permanent` | restarted always; this is the default |
/// | `lifetime = transient` | restarted when it has failed |
/// | `lifetime = temporary` | not restarted |
/// | `count = 4` | so many of the kind |
/// | `route = round_robin` | the method returns them in turn; this is the default |
/// | `route = key` | the method takes a key, and returns the one it belongs to |
/// | `mailbox = 64`, `full = wait`, `stop_within = "5s"` | in place of those that the actor has itself |
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Db { rows: u32 }
///
/// #[actor]
/// impl Db {
///     #[init]
///     fn open() -> Self { Db { rows: 0 } }
///     pub fn add(&mut self, rows: u32) -> u32 { self.rows += rows; self.rows }
/// }
///
/// #[supervisor(strategy = one_for_one, restarts = 3, within = "5s")]
/// struct App {
///     #[child(lifetime = permanent)]
///     db: Db,
/// }
///
/// # fn main() {
/// # nimsync::block_on(async {
/// let app = App::start().await?;
/// assert_eq!(app.db().add(7).await?, 7);
/// app.stop().await?;
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// # }
/// ```
#[proc_macro_attribute]
pub fn supervisor(options: TokenStream, item: TokenStream) -> TokenStream {
    supervisor::supervisor(options.into(), item.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn task_group_inner(input: TokenStream) -> TokenStream {
    from_shell(input, group::task_group)
}

#[doc(hidden)]
#[proc_macro]
pub fn with_timeout_inner(input: TokenStream) -> TokenStream {
    from_shell(input, |krate, input| {
        wrap::wrap(&wrap::WITH_TIMEOUT, krate, input)
    })
}

#[doc(hidden)]
#[proc_macro]
pub fn with_deadline_inner(input: TokenStream) -> TokenStream {
    from_shell(input, |krate, input| {
        wrap::wrap(&wrap::WITH_DEADLINE, krate, input)
    })
}

#[doc(hidden)]
#[proc_macro]
pub fn shield_inner(input: TokenStream) -> TokenStream {
    from_shell(input, |krate, input| {
        wrap::wrap(&wrap::SHIELD, krate, input)
    })
}

#[doc(hidden)]
#[proc_macro]
pub fn race_inner(input: TokenStream) -> TokenStream {
    from_shell(input, |krate, input| race::race(&race::RACE, krate, input))
}

#[doc(hidden)]
#[proc_macro]
pub fn first_ok_inner(input: TokenStream) -> TokenStream {
    from_shell(input, |krate, input| {
        race::race(&race::FIRST_OK, krate, input)
    })
}

#[doc(hidden)]
#[proc_macro]
pub fn select_inner(input: TokenStream) -> TokenStream {
    from_shell(input, select::select)
}

#[doc(hidden)]
#[proc_macro]
pub fn stream_inner(input: TokenStream) -> TokenStream {
    from_shell(input, |krate, input| {
        stream::stream(stream::STREAM, krate, input)
    })
}

#[doc(hidden)]
#[proc_macro]
pub fn try_stream_inner(input: TokenStream) -> TokenStream {
    from_shell(input, |krate, input| {
        stream::stream(stream::TRY_STREAM, krate, input)
    })
}

/// Splits `($crate) USER'S TOKENS`, which is what the `macro_rules!` shells pass on.
fn from_shell(
    input: TokenStream,
    expand: impl FnOnce(&TokenStream2, TokenStream2) -> TokenStream2,
) -> TokenStream {
    let mut input = TokenStream2::from(input).into_iter();
    let Some(TokenTree::Group(krate)) = input.next() else {
        unreachable!("a `macro_rules!` shell passes `$crate` first")
    };
    expand(&krate.stream(), input.collect()).into()
}
