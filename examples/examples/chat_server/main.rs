//! A chat server: rooms in which people talk, over lines of TCP and in the browser.
//!
//! ```text
//! cargo run --release --example chat_server -- --web 127.0.0.1:7008
//! cargo run --release --example chat_client -- --nick ann --join lobby
//! ```
//!
//! ```text
//!  connection ──lines──▶ session ──asks──▶ hub: names, rooms
//!      ▲                    └───tells──▶ room: members, history
//!      └──────── member ◀──tells──────────┘
//! ```
//!
//! A session is the task of a connection; it reads commands. The hub, the rooms
//! and the members are actors. A member owns the way out to its connection; its
//! mailbox is what it may be behind. A room tells its members and waits for none:
//! one whose mailbox is full reads too slowly, and is dropped, with a notice, and
//! nobody else is held up. One who writes too fast is read more slowly.
//!
//! Ctrl-c, or the request to terminate, closes the doors and tells everybody.

mod args;
mod command;
mod event;
mod hub;
mod input;
mod member;
mod out;
mod room;
mod session;
mod web;

use args::Args;
use clap::Parser;
use hub::Hub;
use nimsync::net::{ServeOptions, Served, TcpListener, TcpStream, serve};
use nimsync::prelude::*;
use nimsync::signal::{ctrl_c, terminate};
use nimsync_examples::serving;
use out::Out;
use room::RoomOptions;
use session::Chat;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[nimsync::main]
async fn main() -> ExitCode {
    serving::conclude("chat_server", run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (interrupt, terminate) = (ctrl_c(), terminate());
    let (lines, address) = serving::listen(&args.listen).await?;
    let web = match &args.web {
        Some(web) => Some(serving::listen(web).await?),
        None => None,
    };
    println!("listening on {address}; press ctrl-c to stop");
    if let Some((_, address)) = &web {
        println!("serving http://{address}/");
    }

    let chat = Arc::new(open(&args));
    let options = ServeOptions::new()
        .limit(args.limit as usize)
        .grace(args.grace)
        .on_error(serving::complain);
    let stop = CancelScope::new();
    let mut doors = vec![Door::Lines(lines)];
    doors.extend(web.map(|(listener, _)| Door::Web(listener)));

    let served = task_group!(|g| {
        g.service(serving::stop_on_signal(interrupt, terminate, stop.clone()));
        let mut served = Vec::new();
        for door in doors {
            let (chat, options, stop) = (chat.clone(), options.clone(), stop.clone());
            served.push(g.spawn(async move { stop.run(door.serve(options, chat)).await? }));
        }
        let mut all = Served::default();
        for door in served {
            let one = door.await;
            all.accepted += one.accepted;
            all.done += one.done;
            all.failed += one.failed;
        }
        all
    })
    .await?;

    let dropped = chat.dropped.load(Ordering::Relaxed);
    if let Some(chat) = Arc::into_inner(chat) {
        drop(chat.hub);
        chat.system.stop().await?;
    }
    println!(
        "{} connections; {dropped} read too slowly, {} failed, {} cut off",
        served.accepted,
        served.failed,
        served.cut_off()
    );
    Ok(serving::exit_code(&served))
}

fn open(args: &Args) -> Chat {
    let system = ActorSystem::new();
    Chat {
        hub: system.spawn(Hub::new(args.rooms as usize)),
        system,
        room_options: RoomOptions {
            history: args.history,
            linger: args.linger,
        },
        dropped: AtomicU64::new(0),
        patience: args.patience,
        introduction: args.introduction,
        rate: args.rate,
    }
}

/// Where people come in.
enum Door {
    Lines(TcpListener),
    Web(TcpListener),
}

impl Door {
    async fn serve(self, options: ServeOptions, chat: Arc<Chat>) -> io::Result<Served> {
        match self {
            Self::Lines(listener) => {
                let handler = move |stream: TcpStream, _| {
                    let chat = chat.clone();
                    async move {
                        stream.set_nodelay(true)?;
                        let (input, out) = stream.into_split();
                        chat.serve(input::lines(input), Out::lines(out)).await?;
                        Ok::<_, nimsync::BoxError>(())
                    }
                };
                serve(listener, options, handler).await
            }
            Self::Web(listener) => {
                let handler = move |stream, _| web::serve(stream, chat.clone());
                serve(listener, options, handler).await
            }
        }
    }
}
