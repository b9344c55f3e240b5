//! Chameneos: creatures meet in pairs at a mall, and change their colours.

use nimsync_benches::add_actors;

use crate::Run;

const CREATURES: u64 = 100;

pub(crate) fn case(run: &Run<'_>) {
    let (all, meetings) = (run.all, run.size(200_000));
    let mut case = run.timed("chameneos, a meeting", meetings);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        meet(meetings)
    );
    case.run();
}

/// One of three.
type Colour = u8;

/// The colour that one gets who meets another.
fn complement(one: Colour, other: Colour) -> Colour {
    if one == other { one } else { 3 - one - other }
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Report, report};
    use nimsync_benches::ours::in_task;

    use super::{CREATURES, Colour, complement};

    #[actor(mailbox = 256)]
    struct Mall {
        left: u64,
        waiting: Option<CreatureHandle>,
        gone: u64,
        met: u64,
        report: Report<u64>,
    }

    #[actor]
    impl Mall {
        pub(crate) async fn enter(&mut self, colour: Colour, who: CreatureHandle) {
            if self.left == 0 {
                who.close().tell().await.expect("it runs");
            } else if let Some(other) = self.waiting.take() {
                self.left -= 1;
                other.meet(colour, who).tell().await.expect("it runs");
            } else {
                self.waiting = Some(who);
            }
        }

        pub(crate) fn leave(&mut self, met: u64) {
            self.gone += 1;
            self.met += met;
            if self.gone == CREATURES {
                self.report.send(self.met);
            }
        }
    }

    #[actor]
    struct Creature {
        mall: MallHandle,
        colour: Colour,
        met: u64,
    }

    #[actor]
    impl Creature {
        pub(crate) async fn start(&mut self, cx: &mut Cx<Self>) {
            let entered = self.mall.enter(self.colour, cx.handle()).tell().await;
            entered.expect("it runs");
        }

        pub(crate) async fn meet(
            &mut self,
            colour: Colour,
            who: CreatureHandle,
            cx: &mut Cx<Self>,
        ) {
            let mine = complement(self.colour, colour);
            who.change(mine).tell().await.expect("it runs");
            self.change(mine, cx).await;
        }

        pub(crate) async fn change(&mut self, colour: Colour, cx: &mut Cx<Self>) {
            self.colour = colour;
            self.met += 1;
            self.start(cx).await;
        }

        pub(crate) async fn close(&mut self) {
            self.mall.leave(self.met).tell().await.expect("it runs");
        }
    }

    pub(crate) fn meet(runtime: &Runtime, meetings: u64) {
        in_task(runtime, async move {
            let (report, met) = report();
            let system = ActorSystem::new();
            let mall = system.spawn(Mall {
                left: meetings,
                waiting: None,
                gone: 0,
                met: 0,
                report,
            });
            // Without a handle somewhere a creature would end.
            let mut creatures = Vec::new();
            for number in 0..CREATURES {
                let creature = system.spawn(Creature {
                    mall: mall.clone(),
                    colour: (number % 3) as Colour,
                    met: 0,
                });
                creature.start().tell().await.expect("it runs");
                creatures.push(creature);
            }
            assert_eq!(met.await, Ok(2 * meetings));
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Library, Report, report};

    use super::{CREATURES, Colour, complement};

    struct Mall<L: Library> {
        left: u64,
        waiting: Option<L::Address<Creature<L>>>,
        gone: u64,
        met: u64,
        report: Report<u64>,
    }

    enum ToMall<L: Library> {
        Enter(Colour, L::Address<Creature<L>>),
        Leave { met: u64 },
    }

    impl<L: Library> Behavior<L> for Mall<L> {
        const MAILBOX: usize = 256;
        type Message = ToMall<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToMall<L>) {
            match message {
                ToMall::Enter(colour, who) => {
                    if self.left == 0 {
                        L::tell(&who, ToCreature::Close).await;
                    } else if let Some(other) = self.waiting.take() {
                        self.left -= 1;
                        L::tell(&other, ToCreature::Meet(colour, who)).await;
                    } else {
                        self.waiting = Some(who);
                    }
                }
                ToMall::Leave { met } => {
                    self.gone += 1;
                    self.met += met;
                    if self.gone == CREATURES {
                        self.report.send(self.met);
                    }
                }
            }
        }

        fn is_done(&self) -> bool {
            self.gone == CREATURES
        }
    }

    struct Creature<L: Library> {
        mall: L::Address<Mall<L>>,
        me: Option<L::Address<Creature<L>>>,
        colour: Colour,
        met: u64,
        done: bool,
    }

    enum ToCreature<L: Library> {
        Start(L::Address<Creature<L>>),
        Meet(Colour, L::Address<Creature<L>>),
        Change(Colour),
        Close,
    }

    impl<L: Library> Creature<L> {
        async fn enter(&self) {
            let me = self.me.clone().expect("it was started");
            L::tell(&self.mall, ToMall::Enter(self.colour, me)).await;
        }
    }

    impl<L: Library> Behavior<L> for Creature<L> {
        type Message = ToCreature<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToCreature<L>) {
            match message {
                ToCreature::Start(me) => {
                    self.me = Some(me);
                    self.enter().await;
                }
                ToCreature::Meet(colour, who) => {
                    self.colour = complement(self.colour, colour);
                    self.met += 1;
                    L::tell(&who, ToCreature::Change(self.colour)).await;
                    self.enter().await;
                }
                ToCreature::Change(colour) => {
                    self.colour = colour;
                    self.met += 1;
                    self.enter().await;
                }
                ToCreature::Close => {
                    self.done = true;
                    L::tell(&self.mall, ToMall::Leave { met: self.met }).await;
                }
            }
        }

        fn is_done(&self) -> bool {
            self.done
        }
    }

    pub(crate) fn meet<L: Library>(library: &L, meetings: u64) {
        let met = library.run(async move {
            let (report, met) = report();
            let mall = Mall::<L> {
                left: meetings,
                waiting: None,
                gone: 0,
                met: 0,
                report,
            };
            let mall = L::spawn(0, mall).await;
            for number in 0..CREATURES {
                let creature = Creature::<L> {
                    mall: mall.clone(),
                    me: None,
                    colour: (number % 3) as Colour,
                    met: 0,
                    done: false,
                };
                let creature = L::spawn(number, creature).await;
                L::tell(&creature, ToCreature::Start(creature.clone())).await;
            }
            met.await
        });
        assert_eq!(met, Ok(2 * meetings));
    }
}
