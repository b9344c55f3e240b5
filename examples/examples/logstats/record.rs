//! A line of an access log.

use serde::{Deserialize, Serialize};

/// What is counted of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Seconds since 1970, in the time zone of the log.
    pub(crate) second: u64,
    pub(crate) status: u16,
    pub(crate) bytes: u64,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Record {
    /// Parses `host - user [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 200 2326 ..`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.split_once(" [")?;
        let (time, rest) = rest.split_once("] \"")?;
        // The request may have quotes in it, with a backslash before them.
        let mut quotes = rest.match_indices('"');
        let (end, _) = quotes.find(|(at, _)| !rest[..*at].ends_with('\\'))?;
        let mut fields = rest[end + 1..].split_ascii_whitespace();
        Some(Self {
            second: parse_time(time)?,
            status: fields.next()?.parse().ok()?,
            bytes: match fields.next()? {
                "-" => 0,
                bytes => bytes.parse().ok()?,
            },
        })
    }
}

/// Parses `10/Oct/2025:13:55:36 +0000`.
fn parse_time(text: &str) -> Option<u64> {
    let (clock, _zone) = text.split_once(' ')?;
    let mut parts = clock.splitn(4, ['/', ':']);
    let day: u64 = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as u64 + 1;
    let year: u64 = parts.next()?.parse().ok().filter(|year| *year >= 1970)?;
    let mut time = parts.next()?.splitn(3, ':').map(|part| part.parse::<u64>());
    let (hour, minute, second) = (time.next()?.ok()?, time.next()?.ok()?, time.next()?.ok()?);
    let in_range = (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    in_range.then(|| ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days since 1970. The year begins in March here, so that the leap day is its last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month > 2 { year } else { year - 1 };
    let months = (month + 9) % 12;
    let leap_days = year / 4 - year / 100 + year / 400;
    // From the first of March of the year 0, which is 719,468 days before 1970.
    year * 365 + leap_days + (months * 153 + 2) / 5 + day - 1 - 719_468
}

/// Writes seconds since 1970 as `2025-10-10 13:55:36`.
pub(crate) fn show_time(second: u64) -> String {
    let (mut left, clock) = (second / 86_400, second % 86_400);
    let mut year = 1970;
    loop {
        let length = days(year + 1, 1, 1) - days(year, 1, 1);
        if left < length {
            break;
        }
        left -= length;
        year += 1;
    }
    let begins = |month| days(year, month, 1) - days(year, 1, 1);
    let month = (1..=12).rev().find(|month| begins(*month) <= left);
    let month = month.unwrap_or(1);
    format!(
        "{year}-{month:02}-{:02} {:02}:{:02}:{:02}",
        left - begins(month) + 1,
        clock / 3600,
        clock / 60 % 60,
        clock % 60,
    )
}

/// Writes seconds since 1970 as in a log.
pub(crate) fn log_time(second: u64) -> String {
    let shown = show_time(second);
    let month: usize = shown[5..7].parse().unwrap_or(1);
    format!(
        "{}/{}/{}:{} +0000",
        &shown[8..10],
        MONTHS[month - 1],
        &shown[..4],
        &shown[11..]
    )
}
