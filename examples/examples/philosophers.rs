//! Five philosophers, five forks, and no deadlock: the table is an actor.
//!
//! ```text
//! cargo run --release --example philosophers
//! ```

#![allow(
    unreachable_pub,
    reason = "the visible methods of an actor are its messages"
)]

use nimsync::prelude::*;

/// How many there are, and how often each eats.
const SEATS: usize = 5;
const MEALS: u32 = 100;

#[actor]
struct Table {
    taken: [bool; SEATS],
    meals: u32,
}

#[actor]
impl Table {
    /// Takes both forks of a seat, or none.
    pub fn sit_down(&mut self, seat: usize) -> bool {
        let (left, right) = (seat, (seat + 1) % SEATS);
        let free = !self.taken[left] && !self.taken[right];
        if free {
            self.taken[left] = true;
            self.taken[right] = true;
        }
        free
    }

    /// Puts both back.
    pub fn get_up(&mut self, seat: usize) {
        self.taken[seat] = false;
        self.taken[(seat + 1) % SEATS] = false;
        self.meals += 1;
    }

    pub fn meals(&self) -> u32 {
        self.meals
    }
}

#[nimsync::main]
async fn main() -> anyhow::Result<()> {
    let meals = task_group!(|g| {
        let table = g.actor(Table {
            taken: [false; SEATS],
            meals: 0,
        });
        let philosophers: Vec<_> = (0..SEATS)
            .map(|seat| {
                let table = table.clone();
                g.spawn(async move {
                    for _ in 0..MEALS {
                        while !table.sit_down(seat).await? {
                            nimsync::yield_now().await;
                        }
                        table.get_up(seat).tell().await?;
                    }
                    Ok::<(), anyhow::Error>(())
                })
            })
            .collect();
        for philosopher in philosophers {
            philosopher.await;
        }
        table.meals().await
    })
    .await?;
    println!("{SEATS} philosophers have eaten {meals} times");
    Ok(())
}
