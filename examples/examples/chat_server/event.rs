//! What people are told.
//!
//! One type for both doors: its [`Display`](fmt::Display) is what goes over TCP,
//! its JSON what goes to the browser.

use serde::Serialize;
use std::fmt;

/// A line that was said in a room.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Said {
    pub(crate) nick: String,
    pub(crate) text: String,
}

/// A room, as `/rooms` lists it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RoomInfo {
    pub(crate) room: String,
    pub(crate) members: usize,
}

/// What somebody is told.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Event {
    Notice {
        text: String,
    },
    Named {
        nick: String,
    },
    Joined {
        room: String,
        nick: String,
    },
    Left {
        room: String,
        nick: String,
        why: &'static str,
    },
    Renamed {
        room: String,
        from: String,
        to: String,
    },
    Said {
        room: String,
        #[serde(flatten)]
        said: Said,
    },
    Private {
        from: String,
        to: String,
        text: String,
    },
    Rooms {
        rooms: Vec<RoomInfo>,
    },
    Who {
        room: String,
        nicks: Vec<String>,
    },
    History {
        room: String,
        lines: Vec<Said>,
    },
    Failed {
        code: &'static str,
        text: String,
    },
    Bye {
        text: String,
    },
}

impl Event {
    pub(crate) fn notice(text: impl Into<String>) -> Self {
        Self::Notice { text: text.into() }
    }

    pub(crate) fn failed(code: &'static str, text: impl fmt::Display) -> Self {
        Self::Failed {
            code,
            text: text.to_string(),
        }
    }

    pub(crate) fn bye(text: impl Into<String>) -> Self {
        Self::Bye { text: text.into() }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notice { text } | Self::Bye { text } => write!(f, "* {text}"),
            Self::Named { nick } => write!(f, "* you are {nick}"),
            Self::Joined { room, nick } => write!(f, "[{room}] * {nick} joined"),
            Self::Left { room, nick, why } => write!(f, "[{room}] * {nick} {why}"),
            Self::Renamed { room, from, to } => write!(f, "[{room}] * {from} is now {to}"),
            Self::Said { room, said } => write!(f, "[{room}] {}: {}", said.nick, said.text),
            Self::Private { from, to, text } => write!(f, "[{from} to {to}] {text}"),
            Self::Rooms { rooms } if rooms.is_empty() => f.write_str("* there are no rooms"),
            Self::Rooms { rooms } => {
                let shown = rooms.iter().map(|r| format!("{} ({})", r.room, r.members));
                write!(f, "* rooms: {}", shown.collect::<Vec<_>>().join(", "))
            }
            Self::Who { room, nicks } => write!(f, "[{room}] * here: {}", nicks.join(", ")),
            Self::History { room, lines } => {
                let shown = lines
                    .iter()
                    .map(|said| format!("[{room}] | {}: {}", said.nick, said.text));
                f.write_str(&shown.collect::<Vec<_>>().join("\n"))
            }
            Self::Failed { code, text } => write!(f, "! {code}: {text}"),
        }
    }
}
