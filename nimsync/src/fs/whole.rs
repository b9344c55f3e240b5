//! Whole files.

use super::{hop_between, hop_on};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Reads a whole file.
///
/// # Cancel safety
///
/// It may be dropped at any time; see the [module](crate::fs).
///
/// # Errors
///
/// What the operating system says.
///
/// # Examples
///
/// ```
/// # nimsync::block_on(async {
/// let bytes = nimsync::fs::read("Cargo.toml").await?;
/// assert!(bytes.starts_with(b"[package]"));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    hop_on("read", path.as_ref(), |path| fs::read(path)).await
}

/// Reads a whole file of text.
///
/// # Cancel safety
///
/// It may be dropped at any time; see the [module](crate::fs).
///
/// # Errors
///
/// What the operating system says; `InvalidData` if it is not UTF-8.
///
/// # Examples
///
/// ```
/// # nimsync::block_on(async {
/// let text = nimsync::fs::read_to_string("Cargo.toml").await?;
/// assert!(text.starts_with("[package]"));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    hop_on("read", path.as_ref(), |path| fs::read_to_string(path)).await
}

/// Writes a whole file, which is emptied before if it exists.
///
/// Who reads it meanwhile sees a part; so does everybody if the program is killed
/// meanwhile. [`write_atomic`](super::write_atomic) is without that.
///
/// # Cancel safety
///
/// When it is dropped, the file is written as a whole, or not touched.
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
/// let path = folder.path().join("notes");
/// fs::write(&path, "first").await?;
/// fs::append(&path, ", second").await?;
/// assert_eq!(fs::read_to_string(&path).await?, "first, second");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn write(path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
    let bytes = bytes.into();
    hop_on("write", path.as_ref(), |path| fs::write(path, bytes)).await
}

/// Appends to a file, which is made if it does not exist.
///
/// # Cancel safety
///
/// When it is dropped, all is appended, or nothing.
///
/// # Errors
///
/// What the operating system says.
///
/// # Examples
///
/// See [`write`](super::write()).
pub async fn append(path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
    let bytes = bytes.into();
    hop_on("append to", path.as_ref(), move |path| {
        let mut file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)?;
        file.write_all(&bytes)
    })
    .await
}

/// Copies a file with its permissions, and returns its length.
///
/// # Cancel safety
///
/// When it is dropped, the file is copied as a whole, or not at all.
///
/// # Errors
///
/// What the operating system says.
///
/// # Examples
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # nimsync::block_on(async {
/// let copy = folder.path().join("copy.toml");
/// let length = nimsync::fs::copy("Cargo.toml", &copy).await?;
/// assert_eq!(nimsync::fs::metadata(&copy).await?.len(), length);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    let (from, to) = (from.as_ref(), to.as_ref());
    hop_between("copy", from, to, |from, to| fs::copy(from, to)).await
}
