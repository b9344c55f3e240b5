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

#[supervisor(strategy = one_for_al)]
struct App {
    #[child(init(5))]
    db: Db,
}

#[supervisor]
struct Other {
    #[child(init(5))]
    db: Db,
}

fn main() {}
