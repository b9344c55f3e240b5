//! Bank: an account that pays asks the other whether it has got the money.

use nimsync_benches::add_actors;

use super::Random;
use crate::Run;

const ACCOUNTS: u64 = 1_000;
const BALANCE: u64 = 1_000_000;

pub(crate) fn case(run: &Run<'_>) {
    let (all, transfers) = (run.all, run.size(50_000));
    let mut case = run.timed("bank, a transaction", transfers);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor],
        transfer(transfers)
    );
    case.run();
}

/// Who pays, who gets it, and how much. It is never a lower account that gets
/// it, so accounts do not wait in a circle.
fn order(random: &mut Random) -> (usize, usize, u64) {
    let payer = random.below(ACCOUNTS / 10 * 8);
    let payee = payer + 1 + random.below(ACCOUNTS - payer - 1);
    (payer as usize, payee as usize, random.below(100))
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Report, report};
    use nimsync_benches::ours::in_task;

    use super::super::Random;
    use super::{ACCOUNTS, BALANCE, order};

    #[actor]
    struct Account {
        balance: u64,
    }

    #[actor]
    impl Account {
        pub(crate) async fn pay(
            &mut self,
            payee: AccountHandle,
            amount: u64,
            teller: TellerHandle,
        ) {
            self.balance -= amount;
            payee.get(amount).await.expect("it runs");
            teller.done().tell().await.expect("it runs");
        }

        pub(crate) fn get(&mut self, amount: u64) {
            self.balance += amount;
        }

        pub(crate) fn balance(&self) -> u64 {
            self.balance
        }
    }

    #[actor]
    struct Teller {
        left: u64,
        report: Report<()>,
    }

    #[actor]
    impl Teller {
        pub(crate) fn done(&mut self) {
            self.left -= 1;
            if self.left == 0 {
                self.report.send(());
            }
        }
    }

    pub(crate) fn transfer(runtime: &Runtime, transfers: u64) {
        in_task(runtime, async move {
            let (report, reported) = report();
            let system = ActorSystem::new();
            let left = transfers;
            let teller = system.spawn(Teller { left, report });
            let account = |_| system.spawn(Account { balance: BALANCE });
            let accounts: Vec<_> = (0..ACCOUNTS).map(account).collect();
            let mut random = Random::new(transfers);
            for _ in 0..transfers {
                let (payer, payee, amount) = order(&mut random);
                let payee = accounts[payee].clone();
                let pay = accounts[payer].pay(payee, amount, teller.clone());
                pay.tell().await.expect("it runs");
            }
            reported.await.expect("all are done");
            let mut sum = 0;
            for account in &accounts {
                sum += account.balance().await.expect("it runs");
            }
            assert_eq!(sum, ACCOUNTS * BALANCE);
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Library, Report, report};

    use super::super::Random;
    use super::{ACCOUNTS, BALANCE, order};

    struct Account {
        balance: u64,
    }

    enum ToAccount<L: Library> {
        Pay(L::Address<Account>, u64, L::Address<Teller>),
        Get(u64),
        Balance,
    }

    impl<L: Library> Behavior<L> for Account {
        type Message = ToAccount<L>;
        type Reply = u64;

        async fn handle(&mut self, message: ToAccount<L>) -> u64 {
            match message {
                ToAccount::Pay(payee, amount, teller) => {
                    self.balance -= amount;
                    L::ask(&payee, ToAccount::Get(amount)).await;
                    L::tell(&teller, ()).await;
                }
                ToAccount::Get(amount) => self.balance += amount,
                ToAccount::Balance => {}
            }
            self.balance
        }
    }

    struct Teller {
        left: u64,
        report: Report<()>,
    }

    impl<L: Library> Behavior<L> for Teller {
        type Message = ();
        type Reply = ();

        async fn handle(&mut self, (): ()) {
            self.left -= 1;
            if self.left == 0 {
                self.report.send(());
            }
        }
    }

    pub(crate) fn transfer<L: Library>(library: &L, transfers: u64) {
        let sum = library.run(async move {
            let (report, reported) = report();
            let left = transfers;
            let teller: L::Address<Teller> = L::spawn(0, Teller { left, report }).await;
            let mut accounts: Vec<L::Address<Account>> = Vec::new();
            for number in 0..ACCOUNTS {
                let balance = BALANCE;
                accounts.push(L::spawn(number, Account { balance }).await);
            }
            let mut random = Random::new(transfers);
            for _ in 0..transfers {
                let (payer, payee, amount) = order(&mut random);
                let payee = accounts[payee].clone();
                let pay = ToAccount::Pay(payee, amount, teller.clone());
                L::tell(&accounts[payer], pay).await;
            }
            reported.await.expect("all are done");
            let mut sum = 0;
            for account in accounts {
                sum += L::ask(&account, ToAccount::Balance).await;
                L::stop(account).await;
            }
            L::stop(teller).await;
            sum
        });
        assert_eq!(sum, ACCOUNTS * BALANCE);
    }
}
