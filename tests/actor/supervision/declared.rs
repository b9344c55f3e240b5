//! Supervisors that are declared as structs.

use nimsync::CallError;
use nimsync::actor::{Lifetime, Strategy};
use nimsync::prelude::*;

#[actor]
struct Store {
    table: &'static str,
    rows: Vec<u32>,
}

#[actor]
impl Store {
    #[init]
    fn open(table: &'static str) -> Result<Self, std::io::Error> {
        if table.is_empty() {
            return Err(std::io::Error::other("no table"));
        }
        let rows = Vec::new();
        Ok(Self { table, rows })
    }

    pub fn add(&mut self, row: u32) -> (&'static str, usize) {
        assert_ne!(row, 13, "an unlucky row");
        self.rows.push(row);
        (self.table, self.rows.len())
    }
}

#[actor]
struct Worker {
    done: u32,
}

#[actor]
impl Worker {
    #[init]
    async fn new() -> Self {
        nimsync::yield_now().await;
        Self { done: 0 }
    }

    pub fn job(&mut self) -> u32 {
        self.done += 1;
        self.done
    }
}

#[supervisor(strategy = rest_for_one, restarts = 3, within = "5s", backoff = "100ms..10s")]
struct App {
    #[child(init("users"))]
    store: Store,
    #[child(count = 3)]
    workers: Worker,
    #[child(count = 2, route = key, lifetime = temporary)]
    shards: Worker,
}

#[nimsync::test(start_paused = true)]
async fn a_declared_supervisor_starts_its_fields() {
    let app = App::start().await.unwrap();
    assert_eq!(app.store().add(1).await, Ok(("users", 1)));
    for expected in [1, 1, 1, 2] {
        assert_eq!(app.workers().job().await, Ok(expected), "in turn");
    }
    for expected in [1, 2, 3] {
        assert_eq!(app.shards("same key").job().await, Ok(expected));
    }
    let store = app.store().clone();
    let begin = nimsync::now();
    assert!(matches!(
        store.add(13).await,
        Err(CallError::Panicked(cause)) if cause.message().contains("an unlucky row")
    ));
    assert_eq!(store.add(2).await, Ok(("users", 1)));
    assert!(nimsync::now() - begin >= 75.milliseconds(), "with backoff");
    sleep(1.milliseconds()).await;
    assert_eq!(app.workers().job().await, Ok(1), "the rest was restarted");
    app.stop().await.unwrap();
    assert!(!store.is_alive());
}

#[supervisor]
struct Broken {
    #[child(init(""))]
    store: Store,
}

#[nimsync::test(start_paused = true)]
async fn a_declared_supervisor_says_why_it_does_not_start() {
    let failure = Broken::start().await.err().unwrap();
    assert!(
        failure.to_string().ends_with("`init`: no table"),
        "{failure}"
    );
    assert_eq!(failure.actor_name(), "store");
}

#[nimsync::test]
async fn supervised_actors_come_from_where_they_are_declared() {
    let app = App::start().await.unwrap();
    let system = ActorSystem::new();
    let mut supervisor = system.supervisor(Strategy::OneForOne).named("by hand");
    let _single = supervisor.named_child("single", Lifetime::Permanent, || async {
        Ok(Worker { done: 0 })
    });
    supervisor.start().await.unwrap();
    let tree = nimsync::tree().to_string();
    for name in [
        "`store`",
        "`workers 2`",
        "`shards 0`",
        "`App`",
        "`by hand`",
        "`single`",
    ] {
        // Other tests may have actors of the same name.
        let from_here = |line: &str| line.contains(name) && line.contains("declared.rs");
        assert!(tree.lines().any(from_here), "{name}: {tree}");
    }
    system.stop().await.unwrap();
    app.stop().await.unwrap();
}
