use nimsync::prelude::*;

#[actor]
struct Db;

#[actor]
impl Db {
    #[init]
    fn open(name: String) -> Self {
        let _ = name;
        Self
    }

    pub fn rows(&self) -> u32 {
        0
    }
}

#[supervisor]
struct Storage {
    #[arg]
    name: String,
    #[child(init(name))]
    db: Db,
}

struct Cache;

// The arguments of a supervisor are those of its `start`.
#[supervisor]
struct WrongArguments {
    #[child(init(5))]
    storage: Storage,
}

// A supervisor has no mailbox.
#[supervisor]
struct WrongOptions {
    #[child(init("users".to_owned()), mailbox = 128)]
    storage: Storage,
}

// Neither an actor nor a supervisor.
#[supervisor]
struct WrongType {
    #[child]
    cache: Cache,
}

// Only the children before it can be used.
#[supervisor]
struct WrongOrder {
    #[child(init(second.id().to_string()))]
    first: Db,
    #[child(init("second".to_owned()))]
    second: Db,
}

// Each child gets a clone.
struct NoClone;

#[supervisor]
struct WrongArg {
    #[arg]
    thing: NoClone,
    #[child(init("users".to_owned()))]
    db: Db,
}

fn main() {}
