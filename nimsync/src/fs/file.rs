//! Files that are open.

use super::open::OpenOptions;
use crate::io::BlockingIo;
use crate::io::error::on_path;
use futures::io::{AsyncRead, AsyncSeek, AsyncWrite};
use std::fmt;
use std::fs::{self, Metadata, Permissions};
use std::future::poll_fn;
use std::io::{self, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A file that is open.
///
/// It is read, written and sought through [`AsyncReadExt`](crate::io::AsyncReadExt),
/// [`AsyncWriteExt`](crate::io::AsyncWriteExt) and
/// [`AsyncSeekExt`](crate::io::AsyncSeekExt). It reads ahead and writes behind, up
/// to 256 KiB a call on the blocking pool, so a [`BufReader`](crate::io::BufReader)
/// is needed for its methods only.
///
/// - What was written reaches the file when a piece is full, and at `flush` and
///   `close`, or when something else is done with the file. An error is told by the
///   next operation; what was buffered behind it is thrown away.
/// - Dropping it writes what is buffered, and the task that dropped it does not end
///   before; but an error of that is lost. `close` it if errors matter.
/// - It is for files. Reading a terminal or a pipe through it works, but a call that
///   waits there cannot be stopped, and keeps its task from ending: use
///   [`AsyncFd`](crate::io::AsyncFd) for those.
///
/// # Cancel safety
///
/// All operations may be dropped at any time. A read that has begun goes on, and
/// its bytes are for the next read: none is lost. A write has taken the bytes that it
/// said it took, and no others.
///
/// # Examples
///
/// ```
/// use nimsync::fs::File;
/// use nimsync::io::{AsyncReadExt, AsyncWriteExt};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # nimsync::block_on(async {
/// let path = folder.path().join("greeting");
/// let mut file = File::create(&path).await?;
/// file.write_all(b"hello").await?;
/// file.close().await?;
///
/// let mut text = String::new();
/// File::open(&path).await?.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct File {
    /// For calls at a position of their own, beside those in order.
    file: Arc<fs::File>,
    io: BlockingIo<Arc<fs::File>>,
    path: Arc<Path>,
}

impl File {
    pub(super) fn new(file: fs::File, path: Arc<Path>) -> Self {
        let file = Arc::new(file);
        Self {
            io: BlockingIo::new(file.clone()),
            file,
            path,
        }
    }

    /// Opens a file to read it.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        OpenOptions::new().read(true).open(path).await
    }

    /// Opens a file to write it; it is made, or emptied if it exists.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, the file may have been made, or emptied.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    /// use nimsync::fs::File;
    ///
    /// # nimsync::block_on(async {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("notes");
    /// let mut file = File::create(&path).await?;
    /// file.write_all(b"one line\n").await?;
    /// file.sync_all().await?; // it is on the disk
    ///
    /// let mut text = String::new();
    /// File::open(&path).await?.read_to_string(&mut text).await?;
    /// assert_eq!(text, "one line\n");
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        options.open(path).await
    }

    /// Takes a file of the standard library over. Errors name it as `path`.
    pub fn from_std(file: fs::File, path: impl AsRef<Path>) -> Self {
        Self::new(file, path.as_ref().into())
    }

    /// Gives the file of the standard library back, when what is buffered has been
    /// written; its position is where this one was read or written last.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, so is the file.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn into_std(mut self) -> io::Result<fs::File> {
        poll_fn(|cx| self.poll_in_step(cx)).await?;
        let Self { file, io, path } = self;
        let told = |error| on_path("write", &path, error);
        drop(file);
        let file = io.into_inner().await.map_err(told)?;
        // A call at a position may have been dropped, and be under way.
        Arc::try_unwrap(file).or_else(|file| file.try_clone())
    }

    /// Writes what is buffered, and waits until the disk has the file.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// What the operating system says, also of writes before.
    pub async fn sync_all(&mut self) -> io::Result<()> {
        self.call("sync", |file| file.sync_all()).await
    }

    /// As [`sync_all`](Self::sync_all), without what only tells of the file, such as
    /// when it was written.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// What the operating system says, also of writes before.
    pub async fn sync_data(&mut self) -> io::Result<()> {
        self.call("sync", |file| file.sync_data()).await
    }

    /// Writes what is buffered, and cuts the file off or fills it up with zeroes.
    /// What was read ahead is read anew.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, it has been done, or not.
    ///
    /// # Errors
    ///
    /// What the operating system says, also of writes before.
    pub async fn set_len(&mut self, length: u64) -> io::Result<()> {
        poll_fn(|cx| self.poll_in_step(cx)).await?;
        self.call("set the length of", move |file| file.set_len(length))
            .await
    }

    /// Writes what is buffered, and returns what is known of the file.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// What the operating system says, also of writes before.
    pub async fn metadata(&mut self) -> io::Result<Metadata> {
        self.call("look at", |file| file.metadata()).await
    }

    /// Sets the permissions of the file.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, they are set, or not.
    ///
    /// # Errors
    ///
    /// What the operating system says, also of writes before.
    pub async fn set_permissions(&mut self, permissions: Permissions) -> io::Result<()> {
        self.call("set the permissions of", |file| {
            file.set_permissions(permissions)
        })
        .await
    }

    /// Makes a call when what is buffered has been written.
    async fn call<R: Send + 'static>(
        &mut self,
        verb: &'static str,
        call: impl FnOnce(&fs::File) -> io::Result<R> + Send + 'static,
    ) -> io::Result<R> {
        let outcome = self.io.with(|file| call(file)).await;
        outcome
            .and_then(|outcome| outcome)
            .map_err(|error| on_path(verb, &self.path, error))
    }

    /// Gives up what was read ahead, so that the file's own position is where the
    /// user takes it to be.
    fn poll_in_step(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if ready!(self.io.poll_read_ahead(cx)) == 0 {
            return Poll::Ready(Ok(()));
        }
        match ready!(Pin::new(&mut self.io).poll_seek(cx, SeekFrom::Current(0))) {
            Ok(_) => Poll::Ready(Ok(())),
            // A terminal, or a pipe: what was read is no position to go back from.
            Err(error) if error.kind() == io::ErrorKind::NotSeekable => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(on_path("seek in", &self.path, error))),
        }
    }
}

#[cfg(unix)]
impl File {
    /// Reads at a position, and returns how many bytes: 0 at the end. What is
    /// buffered is not looked at, nor is the position of the file changed.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    ///
    /// # Examples
    ///
    /// ```
    /// # nimsync::block_on(async {
    /// let file = nimsync::fs::File::open("Cargo.toml").await?;
    /// let mut bytes = [0; 7];
    /// assert_eq!(file.read_at(&mut bytes, 1).await?, 7);
    /// assert_eq!(&bytes, b"package");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub async fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize> {
        let wanted = bytes.len();
        let read = self.call_at("read", move |file| {
            use std::os::unix::fs::FileExt;
            let mut room = vec![0; wanted];
            let count = file.read_at(&mut room, position)?;
            room.truncate(count);
            Ok(room)
        });
        let read = read.await?;
        bytes[..read.len()].copy_from_slice(&read);
        Ok(read.len())
    }

    /// Writes all bytes at a position. What is buffered stays so, nor is the position
    /// of the file changed.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, all is written, or nothing.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::fs;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # nimsync::block_on(async {
    /// let path = folder.path().join("table");
    /// let table = fs::File::create(&path).await?;
    /// table.write_all_at(b"second", 6).await?;
    /// table.write_all_at(b"first ", 0).await?;
    /// assert_eq!(fs::read(&path).await?, b"first second");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub async fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        let bytes = bytes.to_vec();
        self.call_at("write", move |file| {
            use std::os::unix::fs::FileExt;
            file.write_all_at(&bytes, position)
        })
        .await
    }

    async fn call_at<R: Send + 'static>(
        &self,
        verb: &'static str,
        call: impl FnOnce(&fs::File) -> io::Result<R> + Send + 'static,
    ) -> io::Result<R> {
        let (file, path) = (self.file.clone(), self.path.clone());
        super::hop(move || call(&file).map_err(|error| on_path(verb, &path, error))).await
    }
}

impl AsyncRead for File {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = ready!(Pin::new(&mut self.io).poll_read(cx, bytes));
        Poll::Ready(read.map_err(|error| on_path("read", &self.path, error)))
    }
}

impl AsyncWrite for File {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_in_step(cx))?;
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, bytes));
        Poll::Ready(written.map_err(|error| on_path("write", &self.path, error)))
    }

    /// Writes what is buffered. [`sync_all`](File::sync_all) waits for the disk.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.io).poll_flush(cx));
        Poll::Ready(flushed.map_err(|error| on_path("write", &self.path, error)))
    }

    /// Writes what is buffered. The file is closed when it is dropped.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl AsyncSeek for File {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        let position = ready!(Pin::new(&mut self.io).poll_seek(cx, to));
        Poll::Ready(position.map_err(|error| on_path("seek in", &self.path, error)))
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("File").field(&self.path).finish()
    }
}
