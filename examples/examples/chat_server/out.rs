//! The two ways out: lines of text, and messages of a WebSocket.

use crate::event::Event;
use async_tungstenite::WebSocketSender;
use async_tungstenite::tungstenite::Message;
use futures::AsyncWriteExt;
use nimsync::net::{TcpStream, TcpWriteHalf};
use std::io;

/// Where events go.
pub(crate) enum Out {
    Lines(Lines),
    Web(WebSocketSender<TcpStream>),
}

impl Out {
    pub(crate) fn lines(stream: TcpWriteHalf) -> Self {
        Self::Lines(Lines {
            stream,
            unwritten: Vec::new(),
        })
    }

    /// Writes an event.
    ///
    /// When it is dropped half way, the next one writes the rest before its own.
    pub(crate) async fn send(&mut self, event: &Event) -> io::Result<()> {
        match self {
            Self::Lines(lines) => lines.send(&event.to_string()).await,
            Self::Web(socket) => {
                let json = serde_json::to_string(event)?;
                let sent = socket.send(Message::text(json)).await;
                sent.map_err(io::Error::other)
            }
        }
    }

    /// Tells the other end that nothing more will come.
    pub(crate) async fn close(&mut self) -> io::Result<()> {
        match self {
            Self::Lines(lines) => lines.stream.close().await,
            Self::Web(socket) => socket.close(None).await.map_err(io::Error::other),
        }
    }
}

/// Text for a TCP connection.
pub(crate) struct Lines {
    stream: TcpWriteHalf,
    /// Here and not in a future, so that a line is not cut off where that is
    /// dropped.
    unwritten: Vec<u8>,
}

impl Lines {
    async fn send(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.unwritten.extend_from_slice(text.as_bytes());
        self.unwritten.push(b'\n');
        while !self.unwritten.is_empty() {
            let written = self.stream.write(&self.unwritten).await?;
            self.unwritten.drain(..written);
        }
        Ok(())
    }
}
