//! What one who is connected does: reads commands, and has others act on them.

use crate::command::{self, Command};
use crate::event::{Event, RoomInfo};
use crate::hub::{HubHandle, Refused};
use crate::input::{Input, LONGEST};
use crate::member::{Member, MemberHandle, post};
use crate::out::Out;
use crate::room::{Room, RoomHandle, RoomOptions};
use nimsync::prelude::*;
use nimsync::stream::{Rate, Stream};
use nimsync::{ActorSystem, BoxError, CallError, GroupError, StopReason};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Lines that may come at once before the rate counts.
const BURST: u32 = 50;

/// What all sessions share.
pub(crate) struct Chat {
    /// Where rooms live. Members live with their sessions.
    pub(crate) system: ActorSystem,
    pub(crate) hub: HubHandle,
    pub(crate) room_options: RoomOptions,
    /// How many were dropped because they did not read.
    pub(crate) dropped: AtomicU64,
    pub(crate) patience: Duration,
    pub(crate) introduction: Duration,
    /// Lines a second.
    pub(crate) rate: u32,
}

impl Chat {
    /// Serves a connection, until its user quits or goes, is dropped, or the server
    /// ends.
    pub(crate) async fn serve<S>(self: Arc<Self>, lines: S, out: Out) -> Result<(), GroupError>
    where
        S: Stream<Item = io::Result<Input>> + Send + Unpin + 'static,
    {
        let server = nimsync::cancel::current();
        let rate = Rate::per_second(self.rate).burst(BURST.max(self.rate));
        let mut lines = pin!(lines.throttle(rate));
        task_group!(name = "session", |g| {
            let member = g.actor(Member::new(out, self.patience));
            let ended = member.ended();
            let mut session = Session::new(&self, member.clone());
            let bye = race!(
                session.talk(&mut lines),
                async {
                    if let StopReason::Killed = ended.await {
                        // Relaxed: a figure to be printed at the end.
                        self.dropped.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(None)
                },
                async {
                    server.cancelled().await;
                    Ok(Some("the server is going down"))
                }
            );
            if let Some(bye) = bye.await? {
                // Who has gone need not be told.
                let _ = member.deliver(Event::bye(bye).into()).tell().await;
            }
        })
        .await
    }
}

struct Session<'a> {
    chat: &'a Chat,
    member: MemberHandle,
    nick: Option<String>,
    /// The rooms that it is in, the one that was joined last at the end.
    rooms: Vec<(String, RoomHandle)>,
}

/// Why a command could not be carried out: its sender is told.
type Outcome = Result<(), Failed>;

enum Failed {
    Told(Event),
    /// The actor at the other end has gone: so does the server.
    Ended(BoxError),
}

impl From<Event> for Failed {
    fn from(event: Event) -> Self {
        Self::Told(event)
    }
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        Self::Ended(error.into())
    }
}

impl From<CallError<Refused>> for Failed {
    fn from(error: CallError<Refused>) -> Self {
        match error {
            CallError::Handler(refused) => Event::failed(refused.code(), &refused).into(),
            other => Self::Ended(other.into()),
        }
    }
}

impl<'a> Session<'a> {
    fn new(chat: &'a Chat, member: MemberHandle) -> Self {
        Self {
            chat,
            member,
            nick: None,
            rooms: Vec::new(),
        }
    }

    /// Carries out command after command; returns what to say at the end.
    async fn talk<S>(&mut self, lines: &mut S) -> Result<Option<&'static str>, BoxError>
    where
        S: Stream<Item = io::Result<Input>> + Unpin,
    {
        self.reply(Event::notice("welcome; take a name with /nick NAME"))
            .await;
        loop {
            let line = match self.nick {
                Some(_) => lines.next().await,
                None => match with_timeout!(self.chat.introduction, lines.next()).await {
                    Ok(line) => line,
                    Err(_) => return Ok(Some("you have not said who you are")),
                },
            };
            let command = match line {
                // Who goes without a word has gone all the same.
                None | Some(Err(_)) => return Ok(None),
                Some(Ok(Input::TooLong)) => {
                    let text = format!("a line has {LONGEST} bytes at most");
                    self.reply(Event::failed("too_long", text)).await;
                    continue;
                }
                Some(Ok(Input::Line(line))) => command::parse(&line),
            };
            let outcome = match command {
                Ok(None) => continue,
                Ok(Some(Command::Quit)) => return Ok(Some("bye")),
                Ok(Some(command)) => self.carry_out(command).await,
                Err(wrong) => Err(Event::failed("syntax", wrong).into()),
            };
            match outcome {
                Ok(()) => {}
                Err(Failed::Told(event)) => self.reply(event).await,
                Err(Failed::Ended(error)) => return Err(error),
            }
        }
    }

    async fn carry_out(&mut self, command: Command) -> Outcome {
        match command {
            Command::Nick(nick) => self.take_name(nick).await,
            Command::Join(room) => self.join(room).await,
            Command::Part(room) => self.part(room).await,
            Command::Say { room, text } => self.say(room, text).await,
            Command::Msg { to, text } => self.message(to, text).await,
            Command::Rooms => self.list_rooms().await,
            Command::Who(room) => {
                let (room, handle) = self.room(room)?.clone();
                let nicks = handle.who().await?;
                self.reply(Event::Who { room, nicks }).await;
                Ok(())
            }
            Command::History(room) => {
                let (room, handle) = self.room(room)?.clone();
                let lines = handle.history().await?;
                self.reply(Event::History { room, lines }).await;
                Ok(())
            }
            Command::Help => {
                self.reply(Event::notice(command::HELP)).await;
                Ok(())
            }
            Command::Quit => unreachable!("ends the session"),
        }
    }

    async fn take_name(&mut self, nick: String) -> Outcome {
        let (hub, member) = (&self.chat.hub, self.member.clone());
        hub.rename(nick.clone(), member).await?;
        for (_, room) in &self.rooms {
            // A room that has gone needs no news.
            let _ = room.rename(self.member.id(), nick.clone()).tell().await;
        }
        self.nick = Some(nick.clone());
        self.reply(Event::Named { nick }).await;
        Ok(())
    }

    async fn join(&mut self, name: String) -> Outcome {
        let nick = self.named()?.to_owned();
        if let Some(at) = self.position(&name) {
            let joined = self.rooms.remove(at);
            self.reply(Event::notice(format!("you are in {} now", joined.0)))
                .await;
            self.rooms.push(joined);
            return Ok(());
        }
        loop {
            let room = self.open(&name).await?;
            match room.join(nick.clone(), self.member.clone()).await {
                Ok(name) => {
                    self.rooms.push((name, room));
                    return Ok(());
                }
                // It was about to close; the next one by this name is another.
                Err(CallError::Stopped) => drop(room.ended().await),
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Returns the room of that name, which may be new.
    async fn open(&self, name: &str) -> Result<RoomHandle, Failed> {
        let Chat { system, hub, .. } = self.chat;
        if let Some(room) = hub.room(name.to_owned()).await?
            && room.is_alive()
        {
            return Ok(room);
        }
        // Somebody else may be doing the same: then the hub knows theirs, and this one
        // ends with its only handle.
        let options = self.chat.room_options.clone();
        let room = system.spawn(Room::new(name.to_owned(), options));
        Ok(hub.open(name.to_owned(), room).await?)
    }

    async fn part(&mut self, name: Option<String>) -> Outcome {
        let (name, room) = self.room(name)?.clone();
        room.part(self.member.id()).await?;
        self.rooms.retain(|(_, other)| *other != room);
        self.reply(Event::notice(format!("you have left {name}")))
            .await;
        Ok(())
    }

    async fn say(&mut self, name: Option<String>, text: String) -> Outcome {
        let (_, room) = self.room(name)?;
        // Waits while the room has more to do than it can.
        let told = room.say(self.member.id(), text).tell().await;
        told.map_err(|error| Failed::Ended(error.to_string().into()))
    }

    async fn message(&mut self, to: String, text: String) -> Outcome {
        let from = self.named()?.to_owned();
        let Some(member) = self.chat.hub.member(to.clone()).await? else {
            return Err(
                Event::failed("no_such_nick", format!("there is nobody named {to}")).into(),
            );
        };
        let event = Event::Private {
            from,
            to: to.clone(),
            text,
        };
        let event = Arc::new(event);
        if member != self.member
            && let Err(why) = post(&member, &event)
        {
            return Err(Event::failed("no_such_nick", format!("{to} {why}")).into());
        }
        let _ = self.member.deliver(event).tell().await;
        Ok(())
    }

    async fn list_rooms(&mut self) -> Outcome {
        let mut rooms = Vec::new();
        for (room, handle) in self.chat.hub.rooms().await? {
            // One that closes right now is none.
            if let Ok(members) = handle.len().await {
                rooms.push(RoomInfo { room, members });
            }
        }
        self.reply(Event::Rooms { rooms }).await;
        Ok(())
    }

    fn named(&self) -> Result<&str, Failed> {
        let told = || Event::failed("no_nick", "take a name first: /nick NAME").into();
        self.nick.as_deref().ok_or_else(told)
    }

    fn position(&self, name: &str) -> Option<usize> {
        let name = name.to_lowercase();
        let mut rooms = self.rooms.iter();
        rooms.position(|(room, _)| room.to_lowercase() == name)
    }

    /// The room by that name that it is in; without one, the last it joined.
    fn room(&self, name: Option<String>) -> Result<&(String, RoomHandle), Failed> {
        let (room, text) = match &name {
            Some(name) => (
                self.position(name).and_then(|at| self.rooms.get(at)),
                format!("you are not in {name}"),
            ),
            None => (
                self.rooms.last(),
                "join a room first: /join ROOM".to_owned(),
            ),
        };
        room.ok_or_else(|| Event::failed("not_in_room", text).into())
    }

    /// Tells the member, and waits until there is room for it.
    async fn reply(&self, event: Event) {
        // If the member has ended, so does the session.
        let _ = self.member.deliver(Arc::new(event)).tell().await;
    }
}
