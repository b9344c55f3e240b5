//! A program with things to look at, and the page to look at them:
//! `cargo run --example inspect`, or with an address and a number of tasks:
//! `cargo run --release --example inspect -- 127.0.0.1:8080 100000`.
//!
//! It has a stage that cannot keep up, a mailbox that fills, a channel that leaks,
//! tasks that wait for something that never comes, one that sleeps with its worker
//! now and then, and one that computes for too long. docs/inspect.md finds each of
//! them. ctrl-c ends it.

use nimsync::prelude::*;
use nimsync::signal;

#[actor(mailbox = 1000)]
struct Ledger {
    lines: u64,
}

#[actor]
impl Ledger {
    /// Slower than what it is sent.
    pub(crate) async fn write(&mut self, _line: u64) {
        sleep(20.milliseconds()).await;
        self.lines += 1;
    }
}

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let clients: usize = args.next().map_or(Ok(1000), |arg| arg.parse())?;
    let inspector = nimsync::inspect::serve(&*address)?;
    println!("look at {}", inspector.url());
    let rt = nimsync::Runtime::builder()
        .watchdog(20.milliseconds())
        .on_stall(|stall| eprintln!("{stall}"))
        .on_backlog(500, |channel| eprintln!("{channel}"))
        .measure_busy(true)
        .build()?;
    rt.block_on(work(clients))
}

async fn work(clients: usize) -> anyhow::Result<()> {
    let (jobs, mut incoming) = channel::named("jobs").mpsc::<u64>(64);
    let (_never, nothing) = channel::named("orders").mpmc::<u64>(8);
    let system = ActorSystem::new();
    let ledger = system.named("ledger").spawn(Ledger { lines: 0 })?;
    task_group!(name = "program", |g| {
        let source = jobs.clone();
        g.task("source").service(async move {
            for job in 0.. {
                source.send(job).await?;
            }
            anyhow::Ok(())
        });
        g.task("slow stage").service(async move {
            while let Ok(job) = incoming.recv().await {
                ledger.write(job).tell().await?;
                sleep(10.milliseconds()).await;
            }
            anyhow::Ok(())
        });
        g.task("blocks its worker").service(async {
            loop {
                sleep(1.seconds()).await;
                std::thread::sleep(50.milliseconds());
            }
        });
        g.task("computes").service(async {
            loop {
                sleep(2.seconds()).await;
                let until = std::time::Instant::now() + 100.milliseconds();
                while std::time::Instant::now() < until {
                    std::hint::black_box(until);
                }
            }
        });
        g.task("clicks").service(async {
            // Somebody keeps the receiver, and does not receive.
            let (clicks, _forgotten) = channel::named("clicks").unbounded();
            while clicks.send(()).await.is_ok() {
                sleep(5.milliseconds()).await;
            }
        });
        g.task("clients").service(async move {
            task_group!(name = "clients", |g| {
                for _ in 0..clients {
                    let orders = nothing.clone();
                    g.task("client")
                        .spawn(async move { orders.recv().await.map_err(anyhow::Error::from) });
                }
            })
            .await?;
            anyhow::Ok(())
        });
        signal::ctrl_c().await?;
    })
    .await?;
    drop(system);
    Ok(())
}
