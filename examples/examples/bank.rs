//! A bank whose accounts are actors. They crash in the midst of transfers, and no money is lost.
//!
//! A restart makes a new value, so what has to survive it is written down elsewhere: here in a
//! [`Disk`]. Each booking has a number, and an account that has done it does not do it again: so
//! whoever is told of a crash asks once more.
//!
//! ```text
//! cargo run --release --example bank
//! ```

#![allow(
    unreachable_pub,
    reason = "the visible methods of an actor are its messages"
)]

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use nimsync::actor::{Lifetime, Strategy};
use nimsync::prelude::*;
use nimsync::{CallError, actor};

const ACCOUNTS: usize = 8;
const TRANSFERS: u64 = 2000;
/// What an account has at first, and what it may have at most.
const OPENING: u64 = 1000;
const LIMIT: u64 = 2000;

/// What an account remembers.
#[derive(Clone)]
struct Book {
    balance: u64,
    /// The bookings that it has done.
    done: HashSet<u64>,
}

/// The books of all accounts; it does not crash.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<HashMap<usize, Book>>>);

impl Disk {
    fn read(&self, account: usize) -> Book {
        let books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        books.get(&account).cloned().unwrap_or_else(|| Book {
            balance: OPENING,
            done: HashSet::new(),
        })
    }

    fn write(&self, account: usize, book: Book) {
        let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        books.insert(account, book);
    }
}

/// Why a booking is refused.
#[derive(Debug)]
enum Refused {
    NotEnough { balance: u64 },
    AboveLimit,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEnough { balance } => write!(f, "there are only {balance}"),
            Self::AboveLimit => write!(f, "an account has at most {LIMIT}"),
        }
    }
}

impl std::error::Error for Refused {}

#[actor]
struct Account {
    number: usize,
    disk: Disk,
    book: Book,
}

#[actor]
impl Account {
    #[init]
    fn open(number: usize, disk: Disk) -> Self {
        let book = disk.read(number);
        Self { number, disk, book }
    }

    pub fn withdraw(&mut self, booking: u64, amount: u64) -> Result<(), Refused> {
        let balance = self.book.balance;
        self.book(booking, |_| {
            balance
                .checked_sub(amount)
                .ok_or(Refused::NotEnough { balance })
        })
    }

    pub fn deposit(&mut self, booking: u64, amount: u64) -> Result<(), Refused> {
        self.book(booking, |balance| match balance + amount {
            sum if sum > LIMIT => Err(Refused::AboveLimit),
            sum => Ok(sum),
        })
    }

    /// Takes back what was withdrawn, whatever the limit.
    pub fn refund(&mut self, booking: u64, amount: u64) -> Result<(), Refused> {
        self.book(booking, |balance| Ok(balance + amount))
    }

    pub fn balance(&self) -> u64 {
        self.book.balance
    }

    /// Does a booking, unless that was done before the crash of which the asker was told.
    fn book(
        &mut self,
        booking: u64,
        next: impl FnOnce(u64) -> Result<u64, Refused>,
    ) -> Result<(), Refused> {
        if self.book.done.contains(&booking) {
            return Ok(());
        }
        let balance = next(self.book.balance)?;
        lightning("before it was written");
        self.book.balance = balance;
        self.book.done.insert(booking);
        self.disk.write(self.number, self.book.clone());
        lightning("after it was written");
        Ok(())
    }
}

/// Strikes now and then.
fn lightning(when: &str) {
    assert!(fastrand::u32(..100) != 0, "struck by lightning {when}");
}

/// Asks until there is an answer: one that crashed did or did not do it, and will know.
async fn surely<F, E>(mut ask: impl FnMut() -> F) -> Result<(), E>
where
    F: Future<Output = Result<(), CallError<E>>>,
    E: fmt::Debug,
{
    loop {
        match ask().await {
            Ok(()) => return Ok(()),
            Err(CallError::Handler(refused)) => return Err(refused),
            Err(CallError::Panicked(_)) => {}
            Err(other) => unreachable!("the bank is open: {other:?}"),
        }
    }
}

/// Moves money, or says why not.
async fn transfer(
    from: &AccountHandle,
    to: &AccountHandle,
    number: u64,
    amount: u64,
) -> Result<(), Refused> {
    // Three bookings may belong to a transfer.
    let [out, back, into] = [0, 1, 2].map(|step| number * 3 + step);
    surely(async || from.withdraw(out, amount).await).await?;
    match surely(async || to.deposit(into, amount).await).await {
        Ok(()) => Ok(()),
        Err(refused) => {
            surely(async || from.refund(back, amount).await).await?;
            Err(refused)
        }
    }
}

async fn total(accounts: &[AccountHandle]) -> Result<u64, CallError> {
    let mut total = 0;
    for account in accounts {
        total += account.balance().await?;
    }
    Ok(total)
}

#[nimsync::main]
async fn main() -> anyhow::Result<()> {
    // Crashes are expected here; their messages would fill the screen.
    std::panic::set_hook(Box::new(|_| {}));
    let disk = Disk::default();
    let crashes = Arc::new(Mutex::new(0_u32));
    let system = ActorSystem::new();
    let mut bank = system
        .supervisor(Strategy::OneForOne)
        .restarts(1000, 1.seconds());
    let accounts: Vec<_> = (0..ACCOUNTS)
        .map(|number| {
            let (disk, crashes) = (disk.clone(), crashes.clone());
            bank.named_child(
                format!("account {number}"),
                Lifetime::Permanent,
                move || {
                    *crashes.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                    <Account as actor::Init>::init((number, disk.clone()))
                },
            )
        })
        .collect();
    bank.start().await?;
    let before = total(&accounts).await?;

    let (done, not_enough, above) = task_group!(limit = 16, |g| {
        let transfers: Vec<_> = (0..TRANSFERS)
            .map(|number| {
                let [from, to] = [(); 2].map(|()| accounts[fastrand::usize(..ACCOUNTS)].clone());
                let amount = fastrand::u64(1..500);
                g.spawn(async move { (transfer(&from, &to, number, amount).await,) })
            })
            .collect();
        let (mut done, mut not_enough, mut above) = (0, 0, 0);
        for transfer in transfers {
            match transfer.await.0 {
                Ok(()) => done += 1,
                Err(Refused::NotEnough { .. }) => not_enough += 1,
                Err(Refused::AboveLimit) => above += 1,
            }
        }
        (done, not_enough, above)
    })
    .await?;

    let after = total(&accounts).await?;
    system.stop().await?;
    let starts = *crashes.lock().unwrap_or_else(PoisonError::into_inner);
    println!(
        "{} transfers were done or refused",
        done + not_enough + above
    );
    println!(
        "some for want of money: {}, some at the limit: {}",
        not_enough > 0,
        above > 0
    );
    println!("some accounts crashed: {}", starts as usize > ACCOUNTS);
    println!("there were {before}, and there are {after}");
    Ok(())
}
