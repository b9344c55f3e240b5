//! Rooms: who is in, and what was said.

use crate::event::{Event, Said};
use crate::member::{MemberHandle, post};
use nimsync::prelude::*;
use nimsync::{ActorId, StopReason};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// What is the same for all rooms.
#[derive(Clone)]
pub(crate) struct RoomOptions {
    /// How many lines are remembered.
    pub(crate) history: usize,
    /// How long a room stays when nobody is in.
    pub(crate) linger: Duration,
}

/// A room.
#[actor(mailbox = 256)]
pub(crate) struct Room {
    name: String,
    options: RoomOptions,
    members: HashMap<ActorId, (String, MemberHandle)>,
    history: VecDeque<Said>,
    /// How often somebody has come in.
    visits: u64,
}

impl Room {
    pub(crate) fn new(name: String, options: RoomOptions) -> Self {
        Self {
            name,
            options,
            members: HashMap::new(),
            history: VecDeque::new(),
            visits: 0,
        }
    }
}

#[actor]
impl Room {
    #[on_start]
    fn opened(&mut self, cx: &mut Cx<Self>) {
        self.wait_for_visits(cx);
    }

    /// Lets somebody in, and tells everybody. Returns the name of the room.
    pub(crate) fn join(&mut self, nick: String, member: MemberHandle, cx: &mut Cx<Self>) -> String {
        // Its end is told in `gone`, however it comes.
        cx.watch(&member);
        self.visits += 1;
        let before = Event::History {
            room: self.name.clone(),
            lines: self.history.iter().cloned().collect(),
        };
        self.members
            .insert(member.id(), (nick.clone(), member.clone()));
        let room = self.name.clone();
        self.tell_all(Event::Joined { room, nick }, cx);
        let room = self.name.clone();
        let nicks = self.who();
        for event in [Event::Who { room, nicks }, before] {
            // A member that has ended already is dealt with in `gone`.
            let _ = post(&member, &event.into());
        }
        self.name.clone()
    }

    /// Sees somebody out.
    pub(crate) fn part(&mut self, member: ActorId, cx: &mut Cx<Self>) {
        if let Some((_, handle)) = self.members.get(&member) {
            cx.unwatch(handle);
        }
        self.remove(member, "left", cx);
    }

    /// Passes a line on to all who are in.
    pub(crate) fn say(&mut self, member: ActorId, text: String, cx: &mut Cx<Self>) {
        // It may have been dropped meanwhile.
        let Some((nick, _)) = self.members.get(&member) else {
            return;
        };
        let nick = nick.clone();
        let said = Said { nick, text };
        self.history.push_back(said.clone());
        if self.history.len() > self.options.history {
            self.history.pop_front();
        }
        let room = self.name.clone();
        self.tell_all(Event::Said { room, said }, cx);
    }

    /// Notes that somebody has another name.
    pub(crate) fn rename(&mut self, member: ActorId, to: String, cx: &mut Cx<Self>) {
        let Some((nick, _)) = self.members.get_mut(&member) else {
            return;
        };
        let from = std::mem::replace(nick, to.clone());
        let room = self.name.clone();
        self.tell_all(Event::Renamed { room, from, to }, cx);
    }

    /// Returns who is in, in the order of the alphabet.
    pub(crate) fn who(&self) -> Vec<String> {
        let nicks = self.members.values().map(|(nick, _)| nick.clone());
        let mut nicks: Vec<_> = nicks.collect();
        nicks.sort_unstable();
        nicks
    }

    /// Returns how many are in.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns what was said.
    pub(crate) fn history(&self) -> Vec<Said> {
        self.history.iter().cloned().collect()
    }

    /// Closes the room if nobody has come since `visits` was counted.
    #[message]
    fn close_unless_visited(&mut self, visits: u64, cx: &mut Cx<Self>) {
        if self.members.is_empty() && self.visits == visits {
            cx.stop();
        }
    }

    /// A member has ended.
    #[on_exit]
    fn gone(&mut self, member: ActorId, why: StopReason, cx: &mut Cx<Self>) {
        let why = match why {
            StopReason::Killed => "was dropped: reads too slowly",
            _ => "has gone",
        };
        self.remove(member, why, cx);
    }

    fn remove(&mut self, member: ActorId, why: &'static str, cx: &mut Cx<Self>) {
        if let Some((nick, _)) = self.members.remove(&member) {
            let room = self.name.clone();
            self.tell_all(Event::Left { room, nick, why }, cx);
        }
    }

    /// Tells all who are in, and waits for nobody. Those who are dropped for that are
    /// news themselves.
    fn tell_all(&mut self, event: Event, cx: &mut Cx<Self>) {
        let mut news = vec![event];
        while let Some(event) = news.pop() {
            let event = Arc::new(event);
            let name = &self.name;
            self.members.retain(|_, (nick, member)| {
                let Err(why) = post(member, &event) else {
                    return true;
                };
                let (room, nick) = (name.clone(), nick.clone());
                news.push(Event::Left { room, nick, why });
                false
            });
        }
        if self.members.is_empty() {
            self.wait_for_visits(cx);
        }
    }

    /// Has the room, which is empty, looked at again later.
    fn wait_for_visits(&self, cx: &mut Cx<Self>) {
        let this = cx.handle();
        this.close_unless_visited(self.visits)
            .after(self.options.linger);
    }
}
