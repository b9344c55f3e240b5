//! Lines that come in, at most so long.

use futures::{AsyncBufReadExt, AsyncRead, AsyncReadExt, io::BufReader};
use nimsync::prelude::*;
use nimsync::stream::Stream;
use std::io;

/// The most bytes of a line.
pub(crate) const LONGEST: usize = 1000;

/// What comes in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Line(String),
    TooLong,
}

impl Input {
    pub(crate) fn of(text: &str) -> Self {
        if text.len() > LONGEST {
            Self::TooLong
        } else {
            Self::Line(text.to_owned())
        }
    }
}

/// Yields the lines of a connection; the rest of one that is too long is skipped.
pub(crate) fn lines<R>(reader: R) -> impl Stream<Item = io::Result<Input>> + Send + Unpin
where
    R: AsyncRead + Unpin + Send + 'static,
{
    let mut reader = BufReader::new(reader);
    try_stream! {
        let mut line = Vec::new();
        let mut skipping = false;
        loop {
            line.clear();
            // With the end of the line, and one byte that is too much.
            let mut part = (&mut reader).take(LONGEST as u64 + 2);
            if part.read_until(b'\n', &mut line).await? == 0 {
                return;
            }
            let ends = line.pop_if(|byte| *byte == b'\n').is_some();
            if ends && !skipping {
                yield Input::of(&String::from_utf8_lossy(&line));
            } else if !skipping && line.len() > LONGEST {
                yield Input::TooLong;
            } else if !skipping {
                // The last line, which has no end.
                yield Input::of(&String::from_utf8_lossy(&line));
            }
            skipping = !ends;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::io::Cursor;

    async fn read(text: impl Into<Vec<u8>>) -> Vec<Input> {
        let lines = lines(Cursor::new(text.into()));
        lines
            .map(|line| line.expect("memory does not fail"))
            .collect()
            .await
    }

    #[nimsync::test]
    async fn lines_end_with_a_newline_or_with_the_connection() {
        let line = |text: &str| Input::Line(text.to_owned());
        assert_eq!(
            read("one\ntwo\r\n\nlast").await,
            [line("one"), line("two\r"), line(""), line("last")]
        );
    }

    #[nimsync::test]
    async fn a_line_that_is_too_long_is_skipped_to_its_end() {
        let longest = "x".repeat(LONGEST);
        let text = format!("{longest}\n{longest}y\nshort\n{}\nend\n", longest.repeat(5));
        assert_eq!(
            read(text).await,
            [
                Input::Line(longest),
                Input::TooLong,
                Input::Line("short".to_owned()),
                Input::TooLong,
                Input::Line("end".to_owned()),
            ]
        );
    }
}
