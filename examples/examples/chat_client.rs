//! A client for `chat_server`: sends what is typed, prints what comes.
//!
//! ```text
//! cargo run --release --example chat_client -- --nick ann --join lobby
//! ```
//!
//! It ends with the end of its input, with `/quit`, and with ctrl-c; each time it
//! says goodbye and prints what still comes.

use anyhow::{Context, bail};
use clap::Parser;
use futures::io::{BufReader, Lines};
use futures::{AsyncBufReadExt, AsyncWriteExt};
use nimsync::net::{TcpReadHalf, TcpStream, TcpWriteHalf};
use nimsync::prelude::*;
use nimsync::signal::ctrl_c;
use nimsync_examples::seconds;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

/// Talks in the rooms of a chat server.
#[derive(Parser)]
#[command(
    name = "chat_client",
    after_help = "Exit codes: 0 said goodbye, 1 could not connect, was refused or was dropped, \
                  2 wrong arguments, 130 interrupted by ctrl-c."
)]
struct Args {
    /// The server
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:7007")]
    connect: String,
    /// The name to take
    #[arg(long, value_name = "NAME")]
    nick: Option<String>,
    /// A room to join
    #[arg(long, value_name = "ROOM", requires = "nick")]
    join: Option<String>,
    /// How long the server may take to answer
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
}

/// How a conversation has ended.
enum End {
    Quit,
    Dropped,
    Interrupted,
}

#[nimsync::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match talk(&args).await {
        Ok(End::Quit) => ExitCode::SUCCESS,
        Ok(End::Dropped) => {
            eprintln!("chat_client: the server has closed the connection");
            ExitCode::FAILURE
        }
        Ok(End::Interrupted) => ExitCode::from(130),
        Err(error) => {
            eprintln!("chat_client: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn talk(args: &Args) -> anyhow::Result<End> {
    let interrupt = ctrl_c();
    let connecting = with_timeout!(args.timeout, TcpStream::connect(&*args.connect)).await;
    let stream = connecting
        .map_err(anyhow::Error::from)
        .and_then(|connected| Ok(connected?))
        .with_context(|| format!("cannot connect to {}", args.connect))?;
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    if let Some(nick) = &args.nick {
        introduce(args, nick, &mut lines, &mut writer).await?;
    }

    let mut typed = BufReader::new(nimsync::io::stdin()).lines();
    let (mut quitting, mut interrupted) = (false, false);
    let mut interrupt = std::pin::pin!(interrupt);
    loop {
        select! {
            line = lines.next() => match line {
                Some(line) => print(&line?)?,
                None if interrupted => return Ok(End::Interrupted),
                None if quitting => return Ok(End::Quit),
                None => return Ok(End::Dropped),
            },
            line = typed.next(), if !quitting => {
                // At the end of the input, goodbye.
                let line = line.transpose()?.unwrap_or_else(|| "/quit".to_owned());
                quitting = line.trim() == "/quit";
                send(&mut writer, &line, args.timeout).await?;
            }
            signal = &mut interrupt, if !interrupted => {
                signal?;
                interrupted = true;
                if !quitting {
                    quitting = true;
                    send(&mut writer, "/quit", args.timeout).await?;
                }
            }
            () = sleep(args.timeout), if quitting => bail!("the server does not say goodbye"),
        }
    }
}

/// Takes the name, and joins the room.
async fn introduce(
    args: &Args,
    nick: &str,
    lines: &mut Lines<BufReader<TcpReadHalf>>,
    writer: &mut TcpWriteHalf,
) -> anyhow::Result<()> {
    send(writer, &format!("/nick {nick}"), args.timeout).await?;
    loop {
        let line = with_timeout!(args.timeout, lines.next()).await?;
        let line = line.context("the server has closed the connection")??;
        print(&line)?;
        if let Some(refusal) = line.strip_prefix("! ") {
            bail!("refused: {refusal}");
        }
        if line.starts_with("* you are ") {
            break;
        }
    }
    if let Some(room) = &args.join {
        send(writer, &format!("/join {room}"), args.timeout).await?;
    }
    Ok(())
}

async fn send(writer: &mut TcpWriteHalf, line: &str, limit: Duration) -> anyhow::Result<()> {
    let line = format!("{line}\n");
    let sent = with_timeout!(limit, writer.write_all(line.as_bytes())).await;
    sent?.context("the connection is broken")
}

fn print(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    // The server is not to move the cursor of a terminal.
    if out.is_terminal() {
        let shown: String = line.chars().filter(|c| !c.is_control()).collect();
        writeln!(out, "{shown}")
    } else {
        writeln!(out, "{line}")
    }
}
