//! Sleeping barber: customers come back until the waiting room has a place.
//!
//! How often they do depends on the order in which actors run.

use nimsync_benches::add_actors;

use crate::Run;

const PLACES: usize = 1_000;
/// How long a haircut takes at most, and until the next customer comes.
const BUSY: u64 = 1_000;

pub(crate) fn case(run: &Run<'_>) {
    let (all, haircuts) = (run.all, run.size(5_000));
    let mut case = run.timed("sleeping barber, a haircut", haircuts);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        cut(haircuts)
    );
    case.run();
}

#[cfg(feature = "nimsync")]
mod ours {
    use std::collections::VecDeque;
    use std::sync::{Arc, Weak};

    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Report, report};
    use nimsync_benches::ours::in_task;

    use super::super::Random;
    use super::{BUSY, PLACES};

    #[actor]
    struct Room {
        barber: BarberHandle,
        waiting: VecDeque<CustomerHandle>,
        asleep: bool,
    }

    #[actor]
    impl Room {
        pub(crate) async fn enter(&mut self, customer: CustomerHandle, cx: &mut Cx<Self>) {
            if self.waiting.len() == PLACES {
                return customer.full().tell().await.expect("it runs");
            }
            if self.asleep {
                self.asleep = false;
                self.waiting.push_back(customer);
                self.next(cx).await;
            } else {
                customer.wait().tell().await.expect("it runs");
                self.waiting.push_back(customer);
            }
        }

        pub(crate) async fn next(&mut self, cx: &mut Cx<Self>) {
            match self.waiting.pop_front() {
                Some(customer) => {
                    let cut = self.barber.cut(customer, cx.handle());
                    cut.tell().await.expect("it runs");
                }
                None => self.asleep = true,
            }
        }
    }

    #[actor]
    struct Barber {
        random: Random,
        haircuts: u64,
    }

    #[actor]
    impl Barber {
        pub(crate) async fn cut(&mut self, customer: CustomerHandle, room: RoomHandle) {
            customer.start().tell().await.expect("it runs");
            self.random.busy_wait(BUSY);
            self.haircuts += 1;
            customer.done().tell().await.expect("it runs");
            room.next().tell().await.expect("it runs");
        }

        pub(crate) fn haircuts(&self) -> u64 {
            self.haircuts
        }
    }

    // As large as there are customers.
    #[actor(mailbox = 8192)]
    struct Factory {
        system: Weak<ActorSystem>,
        room: RoomHandle,
        random: Random,
        left: u64,
        report: Report<()>,
    }

    #[actor]
    impl Factory {
        pub(crate) async fn start(&mut self, cx: &mut Cx<Self>) {
            for _ in 0..self.left {
                let factory = cx.handle();
                let system = self.system.upgrade().expect("it runs");
                let customer = system.spawn(Customer { factory, me: None });
                drop(system);
                self.back(customer).await;
                self.random.busy_wait(BUSY);
            }
        }

        pub(crate) async fn back(&mut self, customer: CustomerHandle) {
            self.room.enter(customer).tell().await.expect("it runs");
        }

        pub(crate) fn done(&mut self) {
            self.left -= 1;
            if self.left == 0 {
                self.report.send(());
            }
        }
    }

    #[actor(mailbox = 4)]
    struct Customer {
        factory: FactoryHandle,
        /// Without a handle somewhere it would end.
        me: Option<CustomerHandle>,
    }

    #[actor]
    impl Customer {
        #[on_start]
        fn up(&mut self, cx: &mut Cx<Self>) {
            self.me = Some(cx.handle());
        }

        pub(crate) async fn full(&mut self) {
            let me = self.me.clone().expect("it was started");
            self.factory.back(me).tell().await.expect("it runs");
        }

        pub(crate) fn wait(&mut self) {}

        pub(crate) fn start(&mut self) {}

        pub(crate) async fn done(&mut self, cx: &mut Cx<Self>) {
            self.factory.done().tell().await.expect("it runs");
            cx.stop();
        }
    }

    pub(crate) fn cut(runtime: &Runtime, haircuts: u64) {
        in_task(runtime, async move {
            let (report, reported) = report();
            let system = Arc::new(ActorSystem::new());
            let barber = system.spawn(Barber {
                random: Random::new(1),
                haircuts: 0,
            });
            let room = system.spawn(Room {
                barber: barber.clone(),
                waiting: VecDeque::new(),
                asleep: true,
            });
            let factory = system.spawn(Factory {
                system: Arc::downgrade(&system),
                room,
                random: Random::new(2),
                left: haircuts,
                report,
            });
            factory.start().tell().await.expect("it runs");
            reported.await.expect("all have been there");
            assert_eq!(barber.haircuts().await, Ok(haircuts));
            let system = Arc::into_inner(system).expect("nobody else holds it");
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use std::collections::VecDeque;

    use nimsync_benches::actors::{Behavior, Library, Report, report};

    use super::super::Random;
    use super::{BUSY, PLACES};

    struct Room<L: Library> {
        barber: L::Address<Barber>,
        me: Option<L::Address<Room<L>>>,
        waiting: VecDeque<L::Address<Customer<L>>>,
        asleep: bool,
    }

    enum ToRoom<L: Library> {
        Start(L::Address<Room<L>>),
        Enter(L::Address<Customer<L>>),
        Next,
    }

    impl<L: Library> Room<L> {
        async fn next(&mut self) {
            match self.waiting.pop_front() {
                Some(customer) => {
                    let me = self.me.clone().expect("it was started");
                    L::tell(&self.barber, ToBarber::Cut(customer, me)).await;
                }
                None => self.asleep = true,
            }
        }
    }

    impl<L: Library> Behavior<L> for Room<L> {
        type Message = ToRoom<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToRoom<L>) {
            match message {
                ToRoom::Start(me) => self.me = Some(me),
                ToRoom::Enter(customer) => {
                    if self.waiting.len() == PLACES {
                        return L::tell(&customer, ToCustomer::Full).await;
                    }
                    if self.asleep {
                        self.asleep = false;
                        self.waiting.push_back(customer);
                        self.next().await;
                    } else {
                        L::tell(&customer, ToCustomer::Wait).await;
                        self.waiting.push_back(customer);
                    }
                }
                ToRoom::Next => self.next().await,
            }
        }
    }

    struct Barber {
        random: Random,
        haircuts: u64,
    }

    enum ToBarber<L: Library> {
        Cut(L::Address<Customer<L>>, L::Address<Room<L>>),
        Haircuts,
    }

    impl<L: Library> Behavior<L> for Barber {
        type Message = ToBarber<L>;
        type Reply = u64;

        async fn handle(&mut self, message: ToBarber<L>) -> u64 {
            if let ToBarber::Cut(customer, room) = message {
                L::tell(&customer, ToCustomer::Start).await;
                self.random.busy_wait(BUSY);
                self.haircuts += 1;
                L::tell(&customer, ToCustomer::Done).await;
                L::tell(&room, ToRoom::Next).await;
            }
            self.haircuts
        }
    }

    struct Factory<L: Library> {
        room: L::Address<Room<L>>,
        random: Random,
        left: u64,
        report: Report<()>,
    }

    enum ToFactory<L: Library> {
        Start(L::Address<Factory<L>>),
        Back(L::Address<Customer<L>>),
        Done,
    }

    impl<L: Library> Behavior<L> for Factory<L> {
        // As large as there are customers.
        const MAILBOX: usize = 8192;
        type Message = ToFactory<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToFactory<L>) {
            match message {
                ToFactory::Start(me) => {
                    for number in 0..self.left {
                        let customer = Customer::<L> {
                            factory: me.clone(),
                            me: None,
                            done: false,
                        };
                        let customer = L::spawn(number, customer).await;
                        L::tell(&customer, ToCustomer::Enter(customer.clone())).await;
                        L::tell(&self.room, ToRoom::Enter(customer)).await;
                        self.random.busy_wait(BUSY);
                    }
                }
                ToFactory::Back(customer) => {
                    L::tell(&self.room, ToRoom::Enter(customer)).await;
                }
                ToFactory::Done => {
                    self.left -= 1;
                    if self.left == 0 {
                        self.report.send(());
                    }
                }
            }
        }
    }

    struct Customer<L: Library> {
        factory: L::Address<Factory<L>>,
        me: Option<L::Address<Customer<L>>>,
        done: bool,
    }

    enum ToCustomer<L: Library> {
        Enter(L::Address<Customer<L>>),
        Full,
        Wait,
        Start,
        Done,
    }

    impl<L: Library> Behavior<L> for Customer<L> {
        const MAILBOX: usize = 4;
        type Message = ToCustomer<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToCustomer<L>) {
            match message {
                ToCustomer::Enter(me) => self.me = Some(me),
                ToCustomer::Full => {
                    let me = self.me.clone().expect("it was started");
                    L::tell(&self.factory, ToFactory::Back(me)).await;
                }
                ToCustomer::Wait | ToCustomer::Start => {}
                ToCustomer::Done => {
                    self.done = true;
                    L::tell(&self.factory, ToFactory::Done).await;
                }
            }
        }

        fn is_done(&self) -> bool {
            self.done
        }
    }

    pub(crate) fn cut<L: Library>(library: &L, haircuts: u64) {
        let cut = library.run(async move {
            let (report, reported) = report();
            let barber = Barber {
                random: Random::new(1),
                haircuts: 0,
            };
            let barber: L::Address<Barber> = L::spawn(0, barber).await;
            let room = Room::<L> {
                barber: barber.clone(),
                me: None,
                waiting: VecDeque::new(),
                asleep: true,
            };
            let room = L::spawn(0, room).await;
            L::tell(&room, ToRoom::Start(room.clone())).await;
            let factory = Factory::<L> {
                room: room.clone(),
                random: Random::new(2),
                left: haircuts,
                report,
            };
            let factory = L::spawn(1, factory).await;
            L::tell(&factory, ToFactory::Start(factory.clone())).await;
            reported.await.expect("all have been there");
            let cut = L::ask(&barber, ToBarber::Haircuts).await;
            L::stop(factory).await;
            L::stop(room).await;
            L::stop(barber).await;
            cut
        });
        assert_eq!(cut, haircuts);
    }
}
