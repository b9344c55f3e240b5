//! What a line asks for.

use std::fmt;

/// The most characters of a name.
const LONGEST_NAME: usize = 20;

/// What `/help` says.
pub(crate) const HELP: &str = "/nick NAME, /join ROOM, /part [ROOM], /rooms, /who [ROOM], \
    /msg NAME TEXT, /say ROOM TEXT, /history [ROOM], /quit; \
    anything else is said in the room that was joined last; // is a slash";

/// A line that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Nick(String),
    Join(String),
    /// Without a name: of the room that was joined last. So below.
    Part(Option<String>),
    Rooms,
    Who(Option<String>),
    Msg {
        to: String,
        text: String,
    },
    Say {
        room: Option<String>,
        text: String,
    },
    History(Option<String>),
    Help,
    Quit,
}

/// Why a line makes none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Unknown(String),
    Usage(&'static str),
    Name(String),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "there is no command /{name}; /help lists them"),
            Self::Usage(usage) => write!(f, "expected {usage}"),
            Self::Name(name) => write!(
                f,
                "`{name}` is no name: names are 1 to {LONGEST_NAME} letters, digits, `-` or `_`"
            ),
        }
    }
}

/// Parses a line; `None` if there is nothing on it.
pub(crate) fn parse(line: &str) -> Result<Option<Command>, Wrong> {
    // Nothing that moves the cursor of a terminal is passed on.
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    let line = line.trim();
    if line.is_empty() {
        return Ok(None);
    }
    let say = |text: &str| Command::Say {
        room: None,
        text: text.to_owned(),
    };
    let Some(command) = line.strip_prefix('/') else {
        return Ok(Some(say(line)));
    };
    if command.starts_with('/') {
        return Ok(Some(say(command)));
    }
    let (verb, rest) = split(command);
    parse_command(verb, rest).map(Some)
}

fn parse_command(verb: &str, rest: &str) -> Result<Command, Wrong> {
    match verb {
        "nick" => Ok(Command::Nick(one(rest, "/nick NAME")?)),
        "join" => Ok(Command::Join(one(rest, "/join ROOM")?)),
        "part" => Ok(Command::Part(optional(rest, "/part [ROOM]")?)),
        "who" => Ok(Command::Who(optional(rest, "/who [ROOM]")?)),
        "history" => Ok(Command::History(optional(rest, "/history [ROOM]")?)),
        "rooms" => nothing(rest, "/rooms", Command::Rooms),
        "help" => nothing(rest, "/help", Command::Help),
        "quit" => nothing(rest, "/quit", Command::Quit),
        "msg" => {
            let (to, text) = addressed(rest, "/msg NAME TEXT")?;
            Ok(Command::Msg { to, text })
        }
        "say" => {
            let (room, text) = addressed(rest, "/say ROOM TEXT")?;
            let room = Some(room);
            Ok(Command::Say { room, text })
        }
        other => Err(Wrong::Unknown(other.to_owned())),
    }
}

/// The first word, and what follows it.
fn split(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((first, rest)) => (first, rest.trim_start()),
        None => (text, ""),
    }
}

fn one(rest: &str, usage: &'static str) -> Result<String, Wrong> {
    optional(rest, usage)?.ok_or(Wrong::Usage(usage))
}

fn optional(rest: &str, usage: &'static str) -> Result<Option<String>, Wrong> {
    match split(rest) {
        ("", _) => Ok(None),
        (word, "") => name(word).map(Some),
        _ => Err(Wrong::Usage(usage)),
    }
}

fn nothing(rest: &str, usage: &'static str, command: Command) -> Result<Command, Wrong> {
    if rest.is_empty() {
        Ok(command)
    } else {
        Err(Wrong::Usage(usage))
    }
}

fn addressed(rest: &str, usage: &'static str) -> Result<(String, String), Wrong> {
    match split(rest) {
        ("", _) | (_, "") => Err(Wrong::Usage(usage)),
        (to, text) => Ok((name(to)?, text.to_owned())),
    }
}

fn name(word: &str) -> Result<String, Wrong> {
    let allowed = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if word.chars().count() <= LONGEST_NAME && word.chars().all(allowed) {
        Ok(word.to_owned())
    } else {
        Err(Wrong::Name(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<Command> {
        Some(Command::Say {
            room: None,
            text: text.to_owned(),
        })
    }

    #[test]
    fn what_is_no_command_is_said() {
        assert_eq!(parse("hello there"), Ok(said("hello there")));
        assert_eq!(parse("  spaces around \r"), Ok(said("spaces around")));
        assert_eq!(parse("//nick is a command"), Ok(said("/nick is a command")));
        assert_eq!(parse(" \t"), Ok(None));
        assert_eq!(parse("\x1b[2Jclear"), Ok(said("[2Jclear")));
    }

    #[test]
    fn commands_take_names() {
        assert_eq!(
            parse("/nick Ann_2"),
            Ok(Some(Command::Nick("Ann_2".into())))
        );
        assert_eq!(parse("/part"), Ok(Some(Command::Part(None))));
        assert_eq!(
            parse("/who  größe "),
            Ok(Some(Command::Who(Some("größe".into()))))
        );
        let to = Command::Msg {
            to: "bob".into(),
            text: "two  words".into(),
        };
        assert_eq!(parse("/msg bob  two  words"), Ok(Some(to)));
    }

    #[test]
    fn wrong_lines_say_what_was_expected() {
        let wrong = |line| parse(line).unwrap_err().to_string();
        assert_eq!(wrong("/nick"), "expected /nick NAME");
        assert_eq!(wrong("/nick two words"), "expected /nick NAME");
        assert_eq!(wrong("/msg bob"), "expected /msg NAME TEXT");
        assert_eq!(wrong("/quit now"), "expected /quit");
        assert!(wrong("/shout").starts_with("there is no command /shout"));
        assert!(wrong("/nick a:b").starts_with("`a:b` is no name"));
        assert!(wrong(&format!("/join {}", "x".repeat(21))).contains("1 to 20"));
    }
}
