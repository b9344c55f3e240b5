//! Files that are missing, are folders, or may not be touched; full disks.

use futures::FutureExt;
use nimsync::fs::{self, File, OpenOptions};
use nimsync::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, NamedError, SeekFrom};
use std::io::{self, ErrorKind};
use tempfile::tempdir;

fn cause(error: &io::Error) -> Option<i32> {
    let named = error.get_ref()?.downcast_ref::<NamedError>()?;
    named.cause().raw_os_error()
}

#[cfg(unix)]
#[nimsync::test]
async fn errors_name_what_was_tried_on_which_path() {
    let path = "/no/such/file";
    let errors = [
        ("open", File::open(path).await.map(drop)),
        ("open", File::create(path).await.map(drop)),
        ("read", fs::read(path).await.map(drop)),
        ("read", fs::read_to_string(path).await.map(drop)),
        ("write", fs::write(path, "").await),
        ("write", fs::write_atomic(path, "").await),
        ("write", fs::write_durable(path, "").await),
        ("append to", fs::append(path, "").await),
        ("create", fs::create_dir(path).await),
        ("remove", fs::remove_file(path).await),
        ("remove", fs::remove_dir(path).await),
        ("remove", fs::remove_dir_all(path).await),
        ("look at", fs::metadata(path).await.map(drop)),
        ("look at", fs::symlink_metadata(path).await.map(drop)),
        ("find", fs::canonicalize(path).await.map(drop)),
        ("read the link", fs::read_link(path).await.map(drop)),
        ("read the folder", fs::read_dir(path).await.map(drop)),
    ];
    for (verb, error) in errors {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        let start = format!("{verb} `{path}`: No such file or directory");
        assert!(error.to_string().starts_with(&start), "{error}");
        assert_eq!(cause(&error), Some(2), "{error}");
    }
    let both = [
        ("copy", fs::copy(path, "/tmp/x").await.map(drop)),
        ("rename", fs::rename(path, "/tmp/x").await),
        ("link", fs::hard_link(path, "/tmp/x").await),
    ];
    for (verb, error) in both {
        let error = error.unwrap_err();
        let start = format!("{verb} `{path}` to `/tmp/x`: No such file");
        assert!(error.to_string().starts_with(&start), "{error}");
    }
    assert!(!fs::try_exists(path).await.unwrap());
}

#[nimsync::test]
async fn a_folder_in_place_of_a_file() {
    let folder = tempdir().unwrap();
    let error = fs::read(folder.path()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory, "{error}");
    let error = fs::write(folder.path(), "").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory, "{error}");
    // It can be opened, but not read.
    let mut file = File::open(folder.path()).await.unwrap();
    let error = file.read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory, "{error}");
    assert!(error.to_string().starts_with("read `"), "{error}");
    let path = folder.path().join("file");
    fs::write(&path, "").await.unwrap();
    let error = fs::read_dir(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotADirectory, "{error}");
}

#[nimsync::test]
async fn text_that_is_none() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("bytes");
    fs::write(&path, [0xff, 0xfe]).await.unwrap();
    let error = fs::read_to_string(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(error.to_string().contains("bytes"), "{error}");
}

#[nimsync::test]
async fn a_file_that_exists_and_should_not() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "").await.unwrap();
    let mut options = OpenOptions::new();
    let error = options.write(true).create_new(true).open(&path).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(
        fs::create_dir(&path).await.unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    // No right to do anything was asked for.
    assert_eq!(
        OpenOptions::new().open(&path).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

/// A file that was opened for one thing is used for the other.
#[nimsync::test]
async fn reading_what_is_for_writing_and_the_reverse() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    let mut file = File::create(&path).await.unwrap();
    assert!(file.read(&mut [0]).await.is_err());
    // It can be used on, as it was opened for.
    file.write_all(b"text").await.unwrap();
    file.close().await.unwrap();
    let mut file = File::open(&path).await.unwrap();
    // The buffer takes it; the disk does not.
    file.write_all(b"x").await.unwrap();
    let error = file.flush().await.unwrap_err();
    assert!(error.to_string().starts_with("write `"), "{error}");
    let mut text = String::new();
    file.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "text");
    assert_eq!(
        file.seek(SeekFrom::Current(-9)).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

#[cfg(target_os = "linux")]
#[nimsync::test]
async fn a_full_disk_is_told_at_the_flush_the_next_write_or_the_close() {
    let full = async || {
        let mut options = OpenOptions::new();
        options.write(true).open("/dev/full").await.unwrap()
    };
    let is_full = |error: io::Error| {
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert!(
            error.to_string().starts_with("write `/dev/full`: "),
            "{error}"
        );
        assert_eq!(cause(&error), Some(28));
    };
    let mut file = full().await;
    file.write_all(b"x").await.unwrap();
    is_full(file.flush().await.unwrap_err());
    // Told once; nothing is left to write.
    file.flush().await.unwrap();

    let mut file = full().await;
    file.write_all(b"x").await.unwrap();
    is_full(file.close().await.unwrap_err());

    let mut file = full().await;
    is_full(file.write_all(&[0; 1_000_000]).await.unwrap_err());

    let mut file = full().await;
    file.write_all(b"x").await.unwrap();
    let error = file.sync_all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);

    // Dropped with the error untold, as documented.
    let mut file = full().await;
    file.write_all(b"x").await.unwrap();
    drop(file);
    assert!(fs::write("/dev/full", "x").await.is_err());
}

/// Root may do everything, so this looks at what the kernel forbids also to root.
#[cfg(target_os = "linux")]
#[nimsync::test]
async fn what_may_not_be_touched() {
    let error = fs::write("/proc/version", "x").await.unwrap_err();
    let denied = matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    );
    assert!(denied || cause(&error) == Some(5), "{error}");
    assert!(error.to_string().starts_with("write `/proc/version`: "));
    assert!(fs::remove_file("/proc/version").await.is_err());
}

#[nimsync::test]
async fn paths_that_are_none() {
    for path in ["", "a\0b"] {
        let error = fs::read(path).await.unwrap_err();
        let kinds = [ErrorKind::NotFound, ErrorKind::InvalidInput];
        assert!(kinds.contains(&error.kind()), "{error}");
    }
    let long = "x".repeat(10_000);
    let error = fs::read(&long).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidFilename, "{error}");
}

#[test]
fn outside_of_a_runtime_it_says_so() {
    let error = fs::read("/etc/passwd").now_or_never().unwrap().unwrap_err();
    let told = error.to_string();
    assert!(told.contains("outside of a nimsync runtime"), "{told}");
}

/// A terminal or a pipe, opened as a file, has no position to go back to.
#[cfg(target_os = "linux")]
#[nimsync::test(workers = 2)]
async fn a_pipe_in_place_of_a_file() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("pipe");
    let mut make = nimsync::process::Command::new("mkfifo");
    assert!(make.arg(&path).status().await.unwrap().success());
    let mut options = OpenOptions::new();
    let mut pipe = options.read(true).write(true).open(&path).await.unwrap();
    pipe.write_all(b"abc").await.unwrap();
    let mut byte = [0];
    pipe.read_exact(&mut byte).await.unwrap();
    // What was read ahead stays, and what is written follows it.
    pipe.write_all(b"def").await.unwrap();
    let mut rest = [0; 5];
    pipe.read_exact(&mut rest).await.unwrap();
    assert_eq!(&rest, b"bcdef");
    assert_eq!(
        pipe.seek(SeekFrom::Start(0)).await.unwrap_err().kind(),
        ErrorKind::NotSeekable
    );
}
