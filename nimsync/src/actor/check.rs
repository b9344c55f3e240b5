//! What the expansion asserts of the user's types, at the place where they are written.

/// What can be an argument of a message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a message",
    label = "it cannot be sent to another thread, where the actor may run",
    note = "use an `Arc` in place of an `Rc`, and an atomic or a `Mutex` in place of a `Cell`"
)]
pub trait Argument {}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Argument for T {}

/// What can be a reply.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a reply",
    label = "it cannot be sent to another thread, where the caller may run",
    note = "use an `Arc` in place of an `Rc`, and an atomic or a `Mutex` in place of a `Cell`"
)]
pub trait Answer {}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Answer for T {}

/// What can be part of an actor's state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be in an actor",
    label = "it cannot be sent to another thread, and actors move between threads",
    note = "use an `Arc` in place of an `Rc`, or make it inside of a handler"
)]
pub trait State {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Send + 'static> State for T {}

/// What can have concurrent messages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have concurrent messages",
    label = "its state is not `Sync`, and handlers that run beside each other share it",
    note = "use an atomic or a `Mutex` in place of a `Cell`, or remove `concurrent`"
)]
pub trait Shared {}

#[diagnostic::do_not_recommend]
impl<T: Sync> Shared for T {}
