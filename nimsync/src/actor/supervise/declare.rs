//! What `#[supervisor]` expands to calls of.

use super::super::behavior::Init;
use super::super::system::ActorSystem;
use super::declaration::Supervisor;
use super::spec::ChildSpec;
use super::supervised::Supervised;
use crate::group::GroupError;

/// What a field of a `#[supervisor]` may be: an actor with `#[init]`, or a struct
/// that is a `#[supervisor]` itself.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Db { name: String }
///
/// #[actor]
/// impl Db {
///     #[init]
///     fn open(name: String) -> Self { Self { name } }
///     pub fn table(&self) -> String { self.name.clone() }
/// }
///
/// #[actor]
/// struct Cache { db: DbHandle }
///
/// #[actor]
/// impl Cache {
///     #[init]
///     fn new(db: DbHandle) -> Self { Self { db } }
///     pub async fn table(&self) -> String { self.db.table().await.unwrap() }
/// }
///
/// #[supervisor(strategy = rest_for_one)]
/// struct Storage {
///     #[arg]
///     name: String,
///     #[child(init(name))]
///     db: Db,
///     #[child(init(db), mailbox = 128)]
///     cache: Cache,
/// }
///
/// #[supervisor]
/// struct App {
///     #[child(init("users".to_owned()))]
///     storage: Storage,
/// }
///
/// # nimsync::block_on(async {
/// let app = App::start().await.unwrap();
/// assert_eq!(app.storage().cache().table().await.unwrap(), "users");
/// app.stop().await.unwrap();
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "a supervisor cannot make `{Self}`",
    label = "it is no actor with an `#[init]` method, and no `#[supervisor]`",
    note = "write `#[init] fn new() -> Self {{ .. }}` in its `#[actor]` impl"
)]
pub trait Declare: Sized + 'static {
    /// What the one above keeps of it: the handle of an actor, the handles of
    /// the children of a supervisor.
    type Held: Clone;
    /// What it is made of.
    type Args;

    /// Declares it as a child.
    ///
    /// An actor asks for its arguments each time that it is made, a supervisor
    /// once.
    #[track_caller]
    fn declare(
        above: &mut Supervisor<'_>,
        spec: ChildSpec,
        args: impl FnMut() -> Self::Args + Send + 'static,
    ) -> Self::Held;
}

#[diagnostic::do_not_recommend]
impl<A: Init> Declare for A {
    type Held = A::Handle;
    type Args = A::Args;

    #[track_caller]
    fn declare(
        above: &mut Supervisor<'_>,
        spec: ChildSpec,
        mut args: impl FnMut() -> A::Args + Send + 'static,
    ) -> A::Handle {
        above.child_with(spec, move || A::init(args()))
    }
}

/// The supervisor behind a `#[supervisor]` struct, and the system if it has one of
/// its own. A clone has not.
#[derive(Debug)]
pub struct Tree {
    supervised: Supervised,
    system: Option<ActorSystem>,
}

impl Clone for Tree {
    fn clone(&self) -> Self {
        Self {
            supervised: self.supervised.clone(),
            system: None,
        }
    }
}

impl Tree {
    /// The tree below a supervisor.
    #[must_use]
    pub fn of(supervisor: &Supervisor<'_>) -> Self {
        Self {
            supervised: supervisor.supervised(),
            system: None,
        }
    }

    /// Takes over the system that the supervisor was started in.
    pub fn own(&mut self, system: ActorSystem) {
        self.system = Some(system);
    }

    /// Returns the supervisor.
    #[must_use]
    pub fn supervised(&self) -> &Supervised {
        &self.supervised
    }

    /// Stops the supervisor and, if there is one, its system.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if the system has failed. One that it does not own says so
    /// itself.
    pub async fn stop(self) -> Result<(), GroupError> {
        match self.system {
            Some(system) => system.stop().await,
            None => {
                self.supervised.stop().await;
                Ok(())
            }
        }
    }
}
