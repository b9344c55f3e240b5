//! Actors that wait for each other.

use nimsync::prelude::*;
use nimsync::{CallError, TellError};

#[actor(mailbox = 1)]
struct Link {
    next: Option<LinkHandle>,
}

#[actor]
impl Link {
    pub fn join(&mut self, next: LinkHandle) {
        self.next = Some(next);
    }

    /// Asks along the chain until `left` is used up.
    pub async fn ask(&mut self, left: u32) -> Result<u32, String> {
        let Some(next) = self.next.clone().filter(|_| left > 0) else {
            return Ok(left);
        };
        match next.ask(left - 1).await {
            Ok(left) => Ok(left),
            Err(CallError::Deadlock(path)) => {
                let names: Vec<_> = path.actors().map(|(_, name)| name.to_owned()).collect();
                Err(names.join(" "))
            }
            Err(CallError::Handler(path)) => Err(path),
            Err(other) => Err(other.to_string()),
        }
    }

    /// Sends the next one a hundred messages, or until it is told that this cannot go on.
    pub async fn flood(&mut self) -> Result<u32, String> {
        let Some(next) = self.next.clone() else {
            return Ok(0);
        };
        for sent in 0..100 {
            match next.nothing().tell().await {
                Ok(()) => {}
                Err(TellError::Deadlock((), _)) => return Ok(sent),
                Err(other) => return Err(other.to_string()),
            }
        }
        Ok(100)
    }

    /// Waits for the other side to begin, then asks it.
    pub async fn meet(&mut self) -> bool {
        sleep(10.milliseconds()).await;
        let Some(next) = self.next.clone() else {
            return false;
        };
        matches!(next.ask(0).await, Err(CallError::Deadlock(_)))
    }

    pub fn nothing(&mut self) {}
}

async fn ring(system: &ActorSystem, names: &[&'static str]) -> Vec<LinkHandle> {
    let ring: Vec<_> = names
        .iter()
        .map(|name| system.named(*name).spawn(Link { next: None }).unwrap())
        .collect();
    for (at, link) in ring.iter().enumerate() {
        link.join(ring[(at + 1) % ring.len()].clone())
            .await
            .unwrap();
    }
    ring
}

#[nimsync::test(start_paused = true)]
async fn an_actor_that_asks_itself_is_told() {
    let system = ActorSystem::new();
    let ring = ring(&system, &["a"]).await;
    assert_eq!(
        ring[0].ask(1).await,
        Err(CallError::Handler("a a".to_owned()))
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn two_actors_that_ask_each_other_are_told() {
    let system = ActorSystem::new();
    let ring = ring(&system, &["a", "b"]).await;
    assert_eq!(ring[0].ask(1).await, Ok(0), "no circle yet");
    assert_eq!(
        ring[0].ask(5).await,
        Err(CallError::Handler("b a b".to_owned()))
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn many_actors_that_ask_in_a_circle_are_told() {
    let system = ActorSystem::new();
    let ring = ring(&system, &["a", "b", "c", "d", "e"]).await;
    assert_eq!(ring[0].ask(4).await, Ok(0), "no circle yet");
    assert_eq!(
        ring[0].ask(5).await,
        Err(CallError::Handler("e a b c d e".to_owned()))
    );
    assert_eq!(ring[0].ask(4).await, Ok(0), "nothing is left of it");
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_circle_that_was_not_begun_by_one_is_found_as_well() {
    let system = ActorSystem::new();
    let ring = ring(&system, &["a", "b"]).await;
    let (a, b) = futures::join!(ring[0].meet(), ring[1].meet());
    assert!(a.unwrap() || b.unwrap(), "at least one is told");
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_circle_of_full_mailboxes_does_not_stall() {
    let system = ActorSystem::new();
    let ring = ring(&system, &["a", "b"]).await;
    let (a, b) = futures::join!(ring[0].flood(), ring[1].flood());
    // At least one is told; then it handles what the other sends.
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(a < 100 || b < 100, "{a} {b}");
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn an_actor_that_fills_its_own_mailbox_is_told() {
    let system = ActorSystem::new();
    let ring = ring(&system, &["a"]).await;
    assert_eq!(ring[0].flood().await, Ok(1));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn an_answer_on_its_way_is_no_circle() {
    #[actor]
    struct Echo {
        other: Option<EchoHandle>,
    }

    #[actor]
    impl Echo {
        pub fn join(&mut self, other: EchoHandle) {
            self.other = Some(other);
        }

        pub fn echo(&self, n: u32) -> u32 {
            n
        }

        /// Asks the other, which asks back as soon as it has answered.
        pub async fn turn(&mut self, n: u32) -> u32 {
            let Some(other) = self.other.clone() else {
                return 0;
            };
            other.echo(n).await.expect("no circle")
        }
    }

    let system = ActorSystem::new();
    let (a, b) = (
        system.spawn(Echo { other: None }),
        system.spawn(Echo { other: None }),
    );
    a.join(b.clone()).await.unwrap();
    b.join(a.clone()).await.unwrap();
    for n in 0..100 {
        // One after the other in each mailbox, with the answers still on their way.
        assert_eq!(a.turn(n).await, Ok(n));
        assert_eq!(b.turn(n).await, Ok(n));
    }
    system.stop().await.unwrap();
}

/// Asks from where the handler waits for it, though not in the handler itself.
#[derive(Clone, Copy, Debug)]
enum Way {
    Child,
    Grandchild,
    Race,
    Timeout,
    ChildInTimeout,
    InPlace,
}

const WAYS: [Way; 6] = [
    Way::Child,
    Way::Grandchild,
    Way::Race,
    Way::Timeout,
    Way::ChildInTimeout,
    Way::InPlace,
];

#[actor]
struct Node {
    next: Option<NodeHandle>,
    spawner: Option<nimsync::Spawner>,
}

async fn ask_next(next: NodeHandle, way: Way, left: u32) -> Result<u32, String> {
    match next.ask(way, left).await {
        Ok(left) => Ok(left),
        Err(CallError::Deadlock(path)) => {
            let names: Vec<_> = path.actors().map(|(_, name)| name.to_owned()).collect();
            Err(names.join(" "))
        }
        Err(CallError::Handler(path)) => Err(path),
        Err(other) => Err(other.to_string()),
    }
}

/// Runs `asked` in a task of its own, beside one that does not ask.
async fn in_child(
    asked: impl Future<Output = Result<u32, String>> + Send + 'static,
) -> Result<u32, String> {
    let group = task_group!(|g| {
        g.spawn(sleep(1.milliseconds()));
        g.spawn(async move { (asked.await,) }).await
    });
    group.await.unwrap().0
}

#[actor]
impl Node {
    pub fn join(&mut self, next: NodeHandle) {
        self.next = Some(next);
    }

    pub fn hire(&mut self, spawner: nimsync::Spawner) {
        self.spawner = Some(spawner);
    }

    pub async fn ask(&mut self, way: Way, left: u32) -> Result<u32, String> {
        let Some(next) = self.next.clone().filter(|_| left > 0) else {
            return Ok(left);
        };
        let asked = ask_next(next, way, left - 1);
        match way {
            Way::Child => in_child(asked).await,
            Way::Grandchild => in_child(in_child(asked)).await,
            Way::Race => {
                race!(asked, async {
                    sleep(1.minutes()).await;
                    Err("late".to_owned())
                })
                .await
            }
            Way::Timeout => with_timeout!(1.minutes(), asked).await.unwrap(),
            Way::ChildInTimeout => with_timeout!(1.minutes(), in_child(asked)).await.unwrap(),
            Way::InPlace => futures::join!(asked, sleep(1.milliseconds())).0,
        }
    }

    /// Has a task that this handler does not wait for ask back.
    pub async fn delegate(&mut self, me: NodeHandle) {
        let spawner = self.spawner.take().unwrap();
        let child = spawner.spawn(async move {
            me.ask(Way::Child, 0).await.expect("no circle");
        });
        drop(child.unwrap());
        sleep(10.milliseconds()).await;
    }
}

async fn nodes(system: &ActorSystem, names: &[&'static str]) -> Vec<NodeHandle> {
    let nodes: Vec<_> = names
        .iter()
        .map(|name| {
            let node = Node {
                next: None,
                spawner: None,
            };
            system.named(*name).spawn(node).unwrap()
        })
        .collect();
    for (at, node) in nodes.iter().enumerate() {
        node.join(nodes[(at + 1) % nodes.len()].clone())
            .await
            .unwrap();
    }
    nodes
}

async fn circles_of(names: &[&'static str], path: &str) {
    let members = names.len() as u32;
    for way in WAYS {
        let system = ActorSystem::new();
        let nodes = nodes(&system, names).await;
        let begin = nimsync::now();
        assert_eq!(
            nodes[0].ask(way, members - 1).await,
            Ok(0),
            "{way:?}: no circle yet"
        );
        assert_eq!(
            nodes[0].ask(way, members).await,
            Err(CallError::Handler(path.to_owned())),
            "{way:?}"
        );
        assert_eq!(
            nodes[0].ask(way, members - 1).await,
            Ok(0),
            "{way:?}: nothing is left of it"
        );
        let took = nimsync::now() - begin;
        assert!(took < 1.seconds(), "{way:?}: not by a time limit: {took:?}");
        system.stop().await.unwrap();
    }
}

#[nimsync::test(start_paused = true)]
async fn an_actor_whose_children_ask_it_is_told() {
    circles_of(&["a"], "a a").await;
}

#[nimsync::test(start_paused = true)]
async fn two_actors_whose_children_ask_the_other_are_told() {
    circles_of(&["a", "b"], "b a b").await;
}

#[nimsync::test(start_paused = true)]
async fn many_actors_whose_children_ask_in_a_circle_are_told() {
    circles_of(&["a", "b", "c", "d", "e"], "e a b c d e").await;
}

#[nimsync::test(start_paused = true)]
async fn a_task_that_the_handler_does_not_wait_for_closes_no_circle() {
    let system = ActorSystem::new();
    let nodes = nodes(&system, &["a"]).await;
    task_group!(|g| {
        nodes[0].hire(g.spawner()).await.unwrap();
        nodes[0].delegate(nodes[0].clone()).await.unwrap();
    })
    .await
    .unwrap();
    system.stop().await.unwrap();
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn a_circle_through_children_is_found_on_two_threads() {
    for _ in 0..50 {
        let system = ActorSystem::new();
        let nodes = nodes(&system, &["a", "b", "c"]).await;
        let begun = nodes
            .iter()
            .map(|node| async { node.ask(Way::Grandchild, 3).await });
        let found = futures::future::join_all(begun).await;
        assert!(found.iter().any(Result::is_err), "{found:?}");
        system.stop().await.unwrap();
    }
}

#[nimsync::test(start_paused = true)]
async fn a_ring_in_which_each_tells_the_next_more_than_there_is_room_for_comes_to_rest() {
    let system = ActorSystem::new();
    let ring = ring(&system, &["a", "b", "c", "d"]).await;
    let floods = ring.iter().map(|link| async { link.flood().await });
    let sent = futures::future::join_all(floods).await;
    let sent: Vec<_> = sent.into_iter().map(Result::unwrap).collect();
    assert!(sent.iter().any(|sent| *sent < 100), "one is told: {sent:?}");
    for link in &ring {
        assert_eq!(link.ask(0).await, Ok(0), "and all go on");
    }
    system.stop().await.unwrap();
}
