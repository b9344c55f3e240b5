//! `#[actor]` in many shapes.

#![deny(warnings)]

mod api {
    use nimsync::actor::Cx;
    use nimsync::prelude::*;
    use std::collections::HashMap;
    use std::fmt::Debug;
    use std::hash::Hash;
    use std::io;

    pub type Outcome<T> = Result<T, io::Error>;

    /// Keeps values.
    #[derive(Debug, Default)]
    #[actor(mailbox = 8, full = reject, concurrent = 4, stop_within = "500ms")]
    pub struct Store<K, V = u32>
    where
        K: Eq + Hash,
    {
        pub(crate) map: HashMap<K, V>,
    }

    #[actor]
    impl<K, V> Store<K, V>
    where
        K: Eq + Hash + Debug + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        /// The most that is kept.
        pub const MOST: usize = 4;

        /// Keeps a value.
        pub fn put(&mut self, key: K, value: V) -> Option<V> {
            self.map.insert(key, value)
        }

        /// Reads beside others.
        #[message(concurrent)]
        pub async fn get(&self, key: K) -> Option<V> {
            nimsync::yield_now().await;
            self.map.get(&key).cloned()
        }

        /// Has an alias of `Result`, under its name.
        pub(crate) async fn load(&mut self, mut key: K, _value: V) -> io::Result<usize> {
            let _ = &mut key;
            Ok(self.map.len())
        }

        /// Has one under another name, which is a plain reply.
        pub(super) fn save(&mut self) -> Outcome<()> {
            Ok(())
        }

        #[cfg(any())]
        pub fn left_out(&mut self, missing: Missing) {}

        #[cfg(all())]
        #[inline]
        #[must_use]
        pub fn len(&self) -> usize {
            self.map.len()
        }

        #[message(priority = high)]
        fn clear(&mut self, cx: &mut Cx<Self>) {
            self.map.clear();
            cx.stop();
        }

        /// Lifetimes that need not be written, and one that has to be.
        pub fn label<'a>(&'a mut self, label: &'static str) -> &'static str {
            label
        }

        #[every("1h")]
        fn beat(&mut self) {
            self.trim::<1>();
        }

        #[on_exit]
        fn gone(&mut self) {}

        fn trim<const N: usize>(&mut self) {}
    }

    impl<K: Eq + Hash, V> Store<K, V> {
        pub fn new() -> Self {
            Self {
                map: HashMap::new(),
            }
        }
    }
}

mod plain {
    use nimsync::actor::{ActorId, Failure};
    use nimsync::prelude::*;

    #[actor]
    pub(crate) struct Unit;

    #[actor(crate = nimsync)]
    struct Tuple(u32, [u8; 4]);

    #[actor]
    struct Fixed<const N: usize> {
        values: [u32; N],
    }

    #[actor]
    impl Unit {
        #[init]
        fn new() -> Self {
            Self
        }

        #[on_start]
        async fn up(&mut self, _cx: &mut Cx<Self>) -> Result<(), String> {
            Ok(())
        }

        #[on_stop]
        async fn down(&mut self, _why: StopReason) {}

        #[on_exit]
        fn gone(&mut self, _id: ActorId, _why: StopReason, _cx: &mut Cx<Self>) {}

        #[message]
        fn take(&mut self, other: Self) {
            let Self = other;
        }

        pub fn fails(&mut self) -> std::result::Result<(), Failure> {
            Ok(())
        }

        pub fn r#match(&mut self, r#type: u8) -> u8 {
            r#type
        }

        pub fn boxed(&mut self, call: Box<dyn FnOnce(u8) -> u8 + Send>) -> u8 {
            call(1)
        }

        pub fn message(&mut self, message: u8, reply: u8, arguments: u8, cx: u8) -> u8 {
            message + reply + arguments + cx
        }
    }

    #[actor(crate = nimsync)]
    impl Tuple {
        pub fn sum(&self) -> u32 {
            self.0 + self.1.iter().map(|n| u32::from(*n)).sum::<u32>()
        }
    }

    #[actor]
    impl<const N: usize> Fixed<N> {
        #[message(accept, priority = low)]
        fn fill(&mut self, value: u32) {
            self.values = [value; N];
        }

        #[message]
        fn add(&mut self, value: u32) {
            self.values.iter_mut().for_each(|n| *n += value);
        }

        pub fn sum(&self) -> u32 {
            self.values.iter().sum()
        }
    }

    pub(crate) async fn run(system: &ActorSystem) {
        let unit = system.spawn(Unit::new());
        unit.take(Unit).await.unwrap();
        unit.fails().await.unwrap();
        assert_eq!(unit.r#match(3).await, Ok(3));
        assert_eq!(unit.boxed(Box::new(|n| n + 1)).await, Ok(2));
        assert_eq!(unit.message(1, 2, 3, 4).await, Ok(10));
        assert_eq!(system.spawn(Tuple(1, [1; 4])).sum().await, Ok(5));
        let fixed = system.spawn(Fixed { values: [0; 3] });
        fixed.recipient::<u32>().tell(2).await.unwrap();
        fixed.add(1).tell().await.unwrap();
        assert_eq!(fixed.fill(7).await, Ok(()));
        assert_eq!(fixed.sum().await, Ok(21));
    }
}

#[nimsync::main]
async fn main() {
    let system = nimsync::ActorSystem::new();
    plain::run(&system).await;
    let store = system.spawn(api::Store::new());
    assert_eq!(store.put("a", 1).await, Ok(None));
    assert_eq!(store.get("a").await, Ok(Some(1)));
    assert_eq!(store.load("b", 2).await.unwrap(), 1);
    store.save().await.unwrap().unwrap();
    assert_eq!(store.label("it").await, Ok("it"));
    assert_eq!(store.len().await, Ok(1));
    system.stop().await.unwrap();
}
