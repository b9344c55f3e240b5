use nimsync::prelude::*;

#[actor]
struct Db;

#[actor]
impl Db {
    pub fn rows(&self) -> u32 {
        0
    }
}

#[supervisor]
struct App {
    #[child]
    db: Db,
}

fn main() {}
