//! The hub: which names are taken, and which rooms there are.

use crate::member::MemberHandle;
use crate::room::RoomHandle;
use nimsync::ActorId;
use nimsync::prelude::*;
use std::collections::BTreeMap;
use std::fmt;

/// Why the hub refuses.
#[derive(Debug)]
pub(crate) enum Refused {
    Taken(String),
    TooManyRooms(usize),
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(nick) => write!(f, "the name {nick} is taken"),
            Self::TooManyRooms(limit) => {
                write!(f, "there are {limit} rooms, and that is the limit")
            }
        }
    }
}

impl Refused {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Taken(_) => "nick_taken",
            Self::TooManyRooms(_) => "too_many_rooms",
        }
    }
}

/// What is known of the whole house. Names differ in more than small and capital
/// letters; the keys are in small ones.
#[actor(mailbox = 256)]
pub(crate) struct Hub {
    rooms_at_most: usize,
    rooms: BTreeMap<String, (String, RoomHandle)>,
    members: BTreeMap<String, MemberHandle>,
}

impl Hub {
    pub(crate) fn new(rooms_at_most: usize) -> Self {
        Self {
            rooms_at_most,
            rooms: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }
}

#[actor]
impl Hub {
    /// Gives a member a name, in place of the one it has.
    pub(crate) fn rename(
        &mut self,
        nick: String,
        member: MemberHandle,
        cx: &mut Cx<Self>,
    ) -> Result<(), Refused> {
        let key = nick.to_lowercase();
        match self.members.get(&key) {
            Some(other) if *other != member => return Err(Refused::Taken(nick)),
            _ => {}
        }
        cx.watch(&member);
        self.members.retain(|_, other| *other != member);
        self.members.insert(key, member);
        Ok(())
    }

    /// Finds a member.
    pub(crate) fn member(&self, nick: String) -> Option<MemberHandle> {
        self.members.get(&nick.to_lowercase()).cloned()
    }

    /// Finds a room.
    pub(crate) fn room(&self, name: String) -> Option<RoomHandle> {
        let (_, room) = self.rooms.get(&name.to_lowercase())?;
        Some(room.clone())
    }

    /// Makes a room known; returns the one that is there already if there is one.
    pub(crate) fn open(
        &mut self,
        name: String,
        room: RoomHandle,
        cx: &mut Cx<Self>,
    ) -> Result<RoomHandle, Refused> {
        let key = name.to_lowercase();
        if let Some((_, earlier)) = self.rooms.get(&key) {
            return Ok(earlier.clone());
        }
        if self.rooms.len() == self.rooms_at_most {
            return Err(Refused::TooManyRooms(self.rooms_at_most));
        }
        cx.watch(&room);
        self.rooms.insert(key, (name, room.clone()));
        Ok(room)
    }

    /// Returns all rooms.
    pub(crate) fn rooms(&self) -> Vec<(String, RoomHandle)> {
        self.rooms.values().cloned().collect()
    }

    /// A room was closed, or a member has gone.
    #[on_exit]
    fn gone(&mut self, id: ActorId) {
        self.members.retain(|_, member| member.id() != id);
        self.rooms.retain(|_, (_, room)| room.id() != id);
    }
}
