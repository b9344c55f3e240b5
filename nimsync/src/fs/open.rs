//! How to open a file.

use super::file::File;
use super::hop_on;
use std::fs;
use std::io;
use std::path::Path;

/// How to open a file, as [`std::fs::OpenOptions`].
///
/// # Examples
///
/// ```
/// use nimsync::fs::OpenOptions;
/// use nimsync::io::AsyncWriteExt;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # nimsync::block_on(async {
/// let path = folder.path().join("log");
/// let mut log = OpenOptions::new().append(true).create(true).open(&path).await?;
/// log.write_all(b"started\n").await?;
/// log.close().await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    std: fs::OpenOptions,
}

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, $name: bool) -> &mut Self {
            self.std.$name($name);
            self
        }
    )*};
}

impl OpenOptions {
    /// Nothing is allowed yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            std: fs::OpenOptions::new(),
        }
    }

    options! {
        /// Allows reading.
        read;
        /// Allows writing.
        write;
        /// Has each piece that is written go to the end of the file.
        append;
        /// Empties the file.
        truncate;
        /// Makes the file if it does not exist.
        create;
        /// Makes the file, and fails if it exists.
        create_new;
    }

    /// Gives access to the standard library's options, for what only one operating
    /// system has.
    pub fn as_std_mut(&mut self) -> &mut fs::OpenOptions {
        &mut self.std
    }

    /// Opens a file.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, the file may have been made, or emptied.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub async fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let path = path.as_ref();
        let options = self.std.clone();
        let file = hop_on("open", path, move |path| options.open(path)).await?;
        Ok(File::new(file, path.into()))
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}
