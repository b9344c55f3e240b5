//! Joining two streams.

use futures::future::try_join;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;

/// Bytes on their way in one direction, at most.
const ROOM: usize = 16 * 1024;

/// Sends everything from each stream to the other, until both have ended.
///
/// It returns how many bytes went from `a` to `b`, and from `b` to `a`. When one
/// direction has ended, its writer is closed, and the other direction goes on.
/// When there is nothing to read for the moment, what was written is flushed.
///
/// # Cancel safety
///
/// When it is dropped, up to 16 KiB that were read from one stream may not have
/// been written to the other.
///
/// # Errors
///
/// The first error of either stream ends both directions.
///
/// # Examples
///
/// ```
/// use nimsync::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
/// use nimsync::net::UnixStream;
///
/// # nimsync::block_on(async {
/// // client <-> near (a proxy) far <-> server
/// let (mut client, mut near) = UnixStream::pair()?;
/// let (mut far, mut server) = UnixStream::pair()?;
/// let proxy = copy_bidirectional(&mut near, &mut far);
/// let talk = async {
///     client.write_all(b"question").await?;
///     client.close().await?;
///     let mut text = String::new();
///     server.read_to_string(&mut text).await?;
///     server.write_all(b"yes").await?;
///     server.close().await
/// };
/// let (counts, told) = futures::join!(proxy, talk);
/// told?;
/// assert_eq!(counts?, (8, 3));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn copy_bidirectional<A, B>(a: &mut A, b: &mut B) -> io::Result<(u64, u64)>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    let (mut read_a, mut write_a) = a.split();
    let (mut read_b, mut write_b) = b.split();
    try_join(
        transfer(&mut read_a, &mut write_b),
        transfer(&mut read_b, &mut write_a),
    )
    .await
}

async fn transfer(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> io::Result<u64> {
    let mut room = vec![0; ROOM];
    let mut total = 0;
    loop {
        // A read that would wait has taken nothing.
        let at_once = poll_fn(|cx| Poll::Ready(Pin::new(&mut *from).poll_read(cx, &mut room)));
        let count = match at_once.await {
            Poll::Ready(read) => read?,
            Poll::Pending => {
                to.flush().await?;
                from.read(&mut room).await?
            }
        };
        if count == 0 {
            to.close().await?;
            return Ok(total);
        }
        to.write_all(&room[..count]).await?;
        total += count as u64;
    }
}
