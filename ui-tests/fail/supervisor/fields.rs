use nimsync::prelude::*;

#[actor]
struct Db;

#[actor]
impl Db {
    pub fn rows(&self) -> u32 {
        0
    }
}

// Several of a kind, and by a key.
#[supervisor]
struct App {
    #[child(count = 2)]
    pool: Db,
    #[child(count = 2, route = key)]
    shards: Db,
    #[child(mailbox = 3)]
    options: Db,
}

fn main() {}
