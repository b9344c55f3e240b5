//! What can only block, made asynchronous.

use super::read_ahead::ReadAhead;
use crate::runtime::{CallPool, Offload};
use crate::wait;
use futures::io::{AsyncRead, AsyncSeek, AsyncWrite};
use std::fmt;
use std::future::poll_fn;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

/// How much a call on the pool moves at most.
///
/// A call there and back costs as much as reading about this much from the page
/// cache. Larger pieces gain little; `docs/io.md` has the figures.
pub(super) const PIECE: usize = 256 * 1024;

/// A blocking reader, writer or both, whose calls are made on the blocking pool.
///
/// Reading reads ahead, and writing writes behind, up to 256 KiB a call, so that
/// few calls are needed, whatever sizes are asked for.
///
/// - One call is under way at a time. While one writes, the next piece is filled.
/// - What was written reaches the writer when a piece is full, and at `flush` and
///   `close`. An error is told by the next operation, and what was buffered behind
///   it is thrown away.
/// - Reading writes first what is still buffered.
/// - Dropping it leaves the rest to the pool: what is buffered is written, and
///   flushed, and the task that dropped it does not end before. An error of that is
///   lost, so `close` it, if errors matter.
///
/// # Cancel safety
///
/// All operations may be dropped at any time. A call that has begun goes on: what
/// it reads is for the next read. A write has taken the bytes that it said it took,
/// and no others. A flush or seek that was dropped may have been done.
///
/// # Examples
///
/// ```
/// use nimsync::io::{AsyncReadExt, BlockingIo};
///
/// # nimsync::block_on(async {
/// // Anything that implements the traits of the standard library.
/// let mut reader = BlockingIo::new(std::io::Cursor::new("slow, in principle"));
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "slow, in principle");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct BlockingIo<T: Send + 'static> {
    /// `None` while a call has it, and after one that panicked.
    io: Option<T>,
    call: Option<Offload<Done<T>>>,
    /// Whether that call writes.
    writing: bool,
    read: ReadAhead,
    /// Not yet given to a call.
    write: Vec<u8>,
    /// The room of the last piece, to be used again.
    spare: Vec<u8>,
    /// Whether something was written since the writer was last flushed.
    unflushed: bool,
    /// What went wrong while nobody was looking.
    failed: Option<io::Error>,
    /// A seek that is done, for whom asked for it.
    sought: Option<(SeekFrom, io::Result<u64>)>,
    /// How to write, and whether to flush then. Set by the first write, which
    /// knows that `T` can; dropping this does not.
    writer: Option<WriteAll<T>>,
}

type WriteAll<T> = fn(&mut T, &[u8], bool) -> io::Result<()>;

/// What a call gives back.
struct Done<T> {
    io: T,
    what: What,
}

enum What {
    Read {
        room: Vec<u8>,
        read: io::Result<usize>,
    },
    Written {
        room: Vec<u8>,
        written: io::Result<()>,
        flushed: bool,
    },
    Sought {
        asked: SeekFrom,
        position: io::Result<u64>,
    },
    Other,
}

impl<T: Send + 'static> BlockingIo<T> {
    /// Wraps `io`. It is used on threads of the pool only.
    pub fn new(io: T) -> Self {
        Self {
            io: Some(io),
            call: None,
            writing: false,
            read: ReadAhead::default(),
            write: Vec::new(),
            spare: Vec::new(),
            unflushed: false,
            failed: None,
            sought: None,
            writer: None,
        }
    }

    /// Calls `f` with what is wrapped, on the blocking pool, when what was
    /// buffered has been written.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, `f` has not been called, or is called all the same and
    /// what it returns is lost.
    ///
    /// # Errors
    ///
    /// That of a write that failed; use outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # nimsync::block_on(async {
    /// let mut io = nimsync::io::BlockingIo::new(std::io::Cursor::new(vec![1, 2, 3]));
    /// assert_eq!(io.with(|cursor| cursor.get_ref().len()).await?, 3);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub async fn with<R: Send + 'static>(
        &mut self,
        f: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> io::Result<R> {
        poll_fn(|cx| self.poll_written(cx)).await?;
        let result = Arc::new(Mutex::new(None));
        let place = result.clone();
        self.start(CallPool::current()?, move |io| {
            let result = f(io);
            *place.lock().unwrap_or_else(|e| e.into_inner()) = Some(result);
            What::Other
        })?;
        poll_fn(|cx| self.poll_quiet(cx)).await;
        let result = result.lock().unwrap_or_else(|e| e.into_inner()).take();
        result.ok_or_else(panicked)
    }

    /// Waits for what is under way, writes what is buffered, and gives back what
    /// is wrapped. What was read ahead is lost.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, so is what is wrapped.
    ///
    /// # Errors
    ///
    /// That of a write that failed; use outside of a runtime.
    pub async fn into_inner(mut self) -> io::Result<T> {
        poll_fn(|cx| self.poll_written(cx)).await?;
        self.io.take().ok_or_else(panicked)
    }

    /// Gives `work` to the pool, with what is wrapped. Nothing is under way.
    fn start(
        &mut self,
        pool: CallPool,
        work: impl FnOnce(&mut T) -> What + Send + 'static,
    ) -> io::Result<()> {
        let mut io = self.io.take().ok_or_else(panicked)?;
        self.writing = false;
        // Whatever it does, the position may be another one then.
        self.sought = None;
        self.call = Some(pool.run(move || {
            let what = work(&mut io);
            Done { io, what }
        }));
        Ok(())
    }

    /// Waits until no call is under way, and notes what the last one has done.
    fn poll_quiet(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Out of its place, in case that the panic of the call goes on here.
        let Some(mut call) = self.call.take() else {
            return Poll::Ready(());
        };
        let Poll::Ready(done) = call.poll(cx) else {
            self.call = Some(call);
            return Poll::Pending;
        };
        self.io = Some(done.io);
        match done.what {
            What::Read { room, read } => {
                let count = *read.as_ref().unwrap_or(&0);
                self.read.put_back(room, count);
                self.read.at_end = count == 0 && read.is_ok();
                self.failed = read.err();
            }
            What::Written {
                room,
                written,
                flushed,
            } => {
                self.spare = room;
                // What came while it was under way is still to be written.
                self.unflushed = !(flushed && self.write.is_empty());
                if let Err(error) = written {
                    self.failed = Some(error);
                    self.unflushed = false;
                    // It would leave a gap.
                    self.write.clear();
                }
            }
            What::Sought { asked, position } => {
                if position.is_ok() {
                    self.read.clear();
                }
                self.sought = Some((asked, position));
            }
            What::Other => {}
        }
        Poll::Ready(())
    }

    /// Waits until nothing is buffered for writing.
    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_quiet(cx));
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Err(error));
            }
            if self.write.is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.start_write(false)?;
        }
    }

    /// Gives what is buffered to a call. Nothing is under way.
    fn start_write(&mut self, flush: bool) -> io::Result<()> {
        let (Some(write), pool) = (self.writer, CallPool::current()?) else {
            unreachable!("something was written, which sets it");
        };
        let mut room = std::mem::replace(&mut self.write, std::mem::take(&mut self.spare));
        self.start(pool, move |io| {
            let written = write(io, &room, flush);
            room.clear();
            What::Written {
                room,
                written,
                flushed: flush,
            }
        })?;
        self.writing = true;
        Ok(())
    }

    /// Waits for a read that is under way, and returns how many bytes were read
    /// that were not asked for yet.
    pub(crate) fn poll_read_ahead(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        if !self.writing {
            ready!(self.poll_quiet(cx));
        }
        Poll::Ready(self.read.len())
    }
}

impl<T: Read + Send + 'static> AsyncRead for BlockingIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        loop {
            if this.read.len() != 0 {
                if !wait::budget(cx) {
                    return Poll::Pending;
                }
                return Poll::Ready(Ok(this.read.take(bytes)));
            }
            ready!(this.poll_written(cx))?;
            if std::mem::take(&mut this.read.at_end) {
                return Poll::Ready(Ok(0));
            }
            if this.read.len() == 0 {
                let pool = CallPool::current()?;
                let mut room = this.read.take_room(bytes.len(), PIECE);
                this.start(pool, move |io| {
                    let read = uninterrupted(|| io.read(&mut room));
                    What::Read { room, read }
                })?;
            }
        }
    }
}

impl<T: Write + Send + 'static> AsyncWrite for BlockingIo<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        let quiet = this.poll_quiet(cx).is_ready();
        if let Some(error) = this.failed.take() {
            return Poll::Ready(Err(error));
        }
        if quiet && this.write.len() == PIECE {
            this.start_write(false)?;
        } else if !quiet && (!this.writing || this.write.len() == PIECE) {
            return Poll::Pending;
        }
        let count = bytes.len().min(PIECE - this.write.len());
        this.write.extend_from_slice(&bytes[..count]);
        if count != 0 {
            this.writer = Some(write_all);
            this.unflushed = true;
            this.read.at_end = false;
        }
        // At once, if nothing is under way: there is more to come, as a rule.
        if quiet && this.call.is_none() && this.write.len() == PIECE {
            this.start_write(false)?;
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            ready!(this.poll_quiet(cx));
            if let Some(error) = this.failed.take() {
                return Poll::Ready(Err(error));
            }
            if !this.unflushed {
                return Poll::Ready(Ok(()));
            }
            this.start_write(true)?;
        }
    }

    /// Flushes. What is wrapped is closed when this is dropped.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl<T: Seek + Send + 'static> AsyncSeek for BlockingIo<T> {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        let this = &mut *self;
        loop {
            ready!(this.poll_written(cx))?;
            if let Some((asked, position)) = this.sought.take()
                && asked == to
            {
                return Poll::Ready(position);
            }
            let ahead = this.read.len() as i64;
            let asked = to;
            this.start(CallPool::current()?, move |io| {
                let to = match to {
                    SeekFrom::Current(by) => SeekFrom::Current(by.saturating_sub(ahead)),
                    _ => to,
                };
                let position = io.seek(to);
                What::Sought { asked, position }
            })?;
        }
    }
}

fn write_all<T: Write>(io: &mut T, bytes: &[u8], flush: bool) -> io::Result<()> {
    // A call with nothing to write is not nothing to all writers.
    if !bytes.is_empty() {
        io.write_all(bytes)?;
    }
    match flush {
        true => io.flush(),
        false => Ok(()),
    }
}

fn uninterrupted<R>(mut call: impl FnMut() -> io::Result<R>) -> io::Result<R> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

fn panicked() -> io::Error {
    io::Error::other("an earlier call on it has panicked")
}

impl<T: Send + 'static> Drop for BlockingIo<T> {
    fn drop(&mut self) {
        let Some(write) = self.writer.filter(|_| self.unflushed) else {
            return;
        };
        let rest = std::mem::take(&mut self.write);
        let finish = move |io: &mut T| {
            // Nobody is left to tell; `close` is for those who want to know.
            let _ = write(io, &rest, true);
        };
        match (self.call.take(), self.io.take()) {
            (Some(call), _) => call.leave(move |mut done| {
                let failed = matches!(
                    &done.what,
                    What::Written {
                        written: Err(_),
                        ..
                    }
                );
                if !failed {
                    finish(&mut done.io);
                }
            }),
            (None, Some(mut io)) => match CallPool::current() {
                Ok(pool) => drop(pool.run(move || finish(&mut io))),
                Err(_) => finish(&mut io),
            },
            (None, None) => {}
        }
    }
}

impl<T: Send + 'static> fmt::Debug for BlockingIo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingIo")
            .field("read_ahead", &self.read.len())
            .field("unwritten", &self.write.len())
            .finish_non_exhaustive()
    }
}

// What is wrapped is never pinned: it moves to the pool and back.
impl<T: Send + 'static> Unpin for BlockingIo<T> {}
