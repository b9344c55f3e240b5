//! Files that are there as a whole or not at all.

use super::hop_on;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces a file as a whole: whoever reads it sees what was there before, or all
/// of what is new.
///
/// The bytes go to a new file beside it, which then takes its name. So it is if the
/// program is killed at any moment: the file is the old one or the new one. What may
/// stay then is the file beside it, whose name begins with `.` and ends in
/// `.nimsync-tmp`. If the machine fails, the file can be lost, or empty;
/// [`write_durable`] is without that, and takes as long as the disk does.
///
/// Permissions of a file that is replaced are kept. A symbolic link is followed. What
/// is there and is no regular file, `/dev/stdout` for one, is not replaced.
///
/// # Cancel safety
///
/// When it is dropped, the file is replaced, or not touched.
///
/// # Errors
///
/// What the operating system says; the file is as it was, then.
///
/// # Examples
///
/// ```
/// use nimsync::fs;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # nimsync::block_on(async {
/// let path = folder.path().join("state.json");
/// fs::write_atomic(&path, "{}").await?;
/// fs::write_atomic(&path, r#"{"runs": 1}"#).await?;
/// assert_eq!(fs::read_to_string(&path).await?, r#"{"runs": 1}"#);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn write_atomic(path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
    let bytes = bytes.into();
    hop_on("write", path.as_ref(), move |path| {
        replace(path, &bytes, false)
    })
    .await
}

/// As [`write_atomic`], and when it returns the file is on the disk, also if the
/// machine fails at any moment.
///
/// # Cancel safety
///
/// When it is dropped, the file is replaced, or not touched.
///
/// # Errors
///
/// What the operating system says; the file is as it was, then, unless the error
/// came when its folder was brought to the disk.
///
/// # Examples
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # nimsync::block_on(async {
/// let path = folder.path().join("ledger");
/// nimsync::fs::write_durable(&path, "owed: 1").await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn write_durable(path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
    let bytes = bytes.into();
    hop_on("write", path.as_ref(), move |path| {
        replace(path, &bytes, true)
    })
    .await
}

fn replace(path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
    // Through links: what they lead to is replaced. A file that does not exist
    // leads nowhere.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::metadata(&path).ok();
    match &old {
        Some(old) if old.is_dir() && path.file_name().is_some() => {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // To take the name of a device, or of a pipe, would end it for everybody.
        Some(old) if !old.is_file() && !old.is_dir() => {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "only a regular file can be replaced",
            ));
        }
        _ => {}
    }
    let (beside, mut file) = Beside::create(&path)?;
    if let Some(old) = old {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(bytes)?;
    if durable {
        file.sync_all()?;
    }
    drop(file);
    fs::rename(&beside.path, &path)?;
    beside.keep();
    if durable {
        sync_folder(&path)?;
    }
    Ok(())
}

/// A file for the time being. It is removed unless it was kept.
struct Beside {
    path: PathBuf,
    kept: bool,
}

impl Beside {
    /// Makes it. Its name is short, as that of the file may be as long as names
    /// can be.
    fn create(path: &Path) -> io::Result<(Self, File)> {
        if path.file_name().is_none() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the path has no file name",
            ));
        }
        loop {
            // By chance, as processes on other machines may share the folder.
            let number = crate::wait::random(u32::MAX);
            let name = format!(".{}-{number:08x}.nimsync-tmp", std::process::id());
            let path = path.with_file_name(name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((Self { path, kept: false }, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.kept {
            // An error has been told already.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Brings a name to the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}
