//! Names: making, removing, looking at.

use super::{hop_between, hop_on};
use std::fs::{self, Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};

/// Returns the path without links, `.` and `..`, from the root on.
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
/// let path = nimsync::fs::canonicalize("src/../Cargo.toml").await?;
/// assert!(path.is_absolute() && path.ends_with("Cargo.toml"));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    hop_on("find", path.as_ref(), |path| fs::canonicalize(path)).await
}

/// Makes a folder.
///
/// # Cancel safety
///
/// When it is dropped, the folder is made, or not.
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
/// let path = folder.path().join("new");
/// nimsync::fs::create_dir(&path).await?;
/// assert!(nimsync::fs::create_dir(&path).await.is_err(), "it exists");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    hop_on("create", path.as_ref(), |path| fs::create_dir(path)).await
}

/// Makes a folder, and those around it that are missing.
///
/// # Cancel safety
///
/// When it is dropped, all are made, or none.
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
/// let path = folder.path().join("a/b/c");
/// nimsync::fs::create_dir_all(&path).await?;
/// nimsync::fs::create_dir_all(&path).await?; // no error: it is there
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    hop_on("create", path.as_ref(), |path| fs::create_dir_all(path)).await
}

/// Returns what is known of a file or folder. Links are followed.
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
/// assert!(nimsync::fs::metadata("src").await?.is_dir());
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    hop_on("look at", path.as_ref(), |path| fs::metadata(path)).await
}

/// Returns where a symbolic link leads to.
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
/// # let folder = tempfile::tempdir().unwrap();
/// # nimsync::block_on(async {
/// let link = folder.path().join("link");
/// nimsync::fs::symlink("there", &link).await?;
/// assert_eq!(nimsync::fs::read_link(&link).await?.to_str(), Some("there"));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn read_link(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    hop_on("read the link", path.as_ref(), |path| fs::read_link(path)).await
}

/// Removes an empty folder.
///
/// # Cancel safety
///
/// When it is dropped, the folder is removed, or not.
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
/// let path = folder.path().join("new");
/// nimsync::fs::create_dir(&path).await?;
/// nimsync::fs::remove_dir(&path).await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn remove_dir(path: impl AsRef<Path>) -> io::Result<()> {
    hop_on("remove", path.as_ref(), |path| fs::remove_dir(path)).await
}

/// Removes a folder with all that is in it. Links are removed, not followed.
///
/// # Cancel safety
///
/// When it is dropped, all is removed, or nothing.
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
/// let path = folder.path().join("a");
/// nimsync::fs::create_dir_all(path.join("b/c")).await?;
/// nimsync::fs::remove_dir_all(&path).await?;
/// assert!(!nimsync::fs::try_exists(&path).await?);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    hop_on("remove", path.as_ref(), |path| fs::remove_dir_all(path)).await
}

/// Removes a file or a link.
///
/// # Cancel safety
///
/// When it is dropped, the file is removed, or not.
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
/// let path = folder.path().join("file");
/// nimsync::fs::write(&path, "").await?;
/// nimsync::fs::remove_file(&path).await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    hop_on("remove", path.as_ref(), |path| fs::remove_file(path)).await
}

/// Returns what is known of a file or folder, or of a link itself.
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
/// assert!(nimsync::fs::symlink_metadata("Cargo.toml").await?.is_file());
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    hop_on("look at", path.as_ref(), |path| fs::symlink_metadata(path)).await
}

/// Tells whether there is a file or folder. Links are followed.
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
/// assert!(nimsync::fs::try_exists("Cargo.toml").await?);
/// assert!(!nimsync::fs::try_exists("no/such/file").await?);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn try_exists(path: impl AsRef<Path>) -> io::Result<bool> {
    hop_on("look for", path.as_ref(), |path| fs::exists(path)).await
}

/// Gives a file or folder another name, on the same file system. A file of that name is replaced.
///
/// # Cancel safety
///
/// When it is dropped, it is renamed, or not.
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
/// let (old, new) = (folder.path().join("old"), folder.path().join("new"));
/// nimsync::fs::write(&old, "text").await?;
/// nimsync::fs::rename(&old, &new).await?;
/// assert_eq!(nimsync::fs::read_to_string(&new).await?, "text");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let (from, to) = (from.as_ref(), to.as_ref());
    hop_between("rename", from, to, |from, to| fs::rename(from, to)).await
}

/// Gives a file a second name, on the same file system.
///
/// # Cancel safety
///
/// When it is dropped, the name is there, or not.
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
/// let (one, two) = (folder.path().join("one"), folder.path().join("two"));
/// nimsync::fs::write(&one, "text").await?;
/// nimsync::fs::hard_link(&one, &two).await?;
/// assert_eq!(nimsync::fs::read_to_string(&two).await?, "text");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn hard_link(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let (from, to) = (from.as_ref(), to.as_ref());
    hop_between("link", from, to, |from, to| fs::hard_link(from, to)).await
}

/// Makes a symbolic link at `to`, which leads to `from`.
///
/// # Cancel safety
///
/// When it is dropped, the link is there, or not.
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
/// let link = folder.path().join("link");
/// nimsync::fs::symlink("there", &link).await?;
/// assert_eq!(nimsync::fs::read_link(&link).await?.to_str(), Some("there"));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[cfg(unix)]
pub async fn symlink(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let (from, to) = (from.as_ref(), to.as_ref());
    hop_between("link", from, to, |from, to| {
        std::os::unix::fs::symlink(from, to)
    })
    .await
}

/// Sets the permissions of a file or folder.
///
/// # Cancel safety
///
/// When it is dropped, they are set, or not.
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
/// let path = folder.path().join("file");
/// nimsync::fs::write(&path, "").await?;
/// let mut permissions = nimsync::fs::metadata(&path).await?.permissions();
/// permissions.set_readonly(true);
/// nimsync::fs::set_permissions(&path, permissions).await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn set_permissions(path: impl AsRef<Path>, permissions: Permissions) -> io::Result<()> {
    hop_on("set the permissions of", path.as_ref(), |path| {
        fs::set_permissions(path, permissions)
    })
    .await
}
