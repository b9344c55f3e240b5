//! Files that are replaced as a whole.

use nimsync::fs;
use nimsync::prelude::*;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;
use tempfile::tempdir;

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// Readers see one version or another, and nothing is left beside.
#[nimsync::test(workers = 2)]
async fn readers_see_whole_versions() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("state");
    fs::write_atomic(&path, vec![0; 100_000]).await.unwrap();
    let read = path.clone();
    task_group!(|g| {
        g.service(async move {
            loop {
                let bytes = fs::read(&read).await?;
                assert_eq!(bytes.len(), 100_000);
                assert!(bytes.iter().all(|&byte| byte == bytes[0]));
            }
            #[expect(unreachable_code)]
            std::io::Result::Ok(())
        });
        task_group!(|writers| {
            for n in 0..30_u8 {
                let path = path.clone();
                writers.spawn(async move {
                    let bytes = vec![n; 100_000];
                    let limit = Duration::from_micros(u64::from(n) * 50);
                    match n % 3 {
                        0 => fs::write_durable(&path, bytes).await?,
                        1 => fs::write_atomic(&path, bytes).await?,
                        _ => drop(with_timeout!(limit, fs::write_atomic(&path, bytes)).await),
                    }
                    std::io::Result::Ok(())
                });
            }
        })
        .await?;
    })
    .await
    .unwrap();
    assert_eq!(names(folder.path()), ["state"]);
}

#[cfg(unix)]
#[nimsync::test]
async fn permissions_are_kept_and_links_followed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let (path, link) = (folder.path().join("secret"), folder.path().join("link"));
    fs::write(&path, "old").await.unwrap();
    let only_owner = std::fs::Permissions::from_mode(0o600);
    fs::set_permissions(&path, only_owner).await.unwrap();
    fs::symlink("secret", &link).await.unwrap();
    fs::write_atomic(&link, "new").await.unwrap();
    assert!(fs::symlink_metadata(&link).await.unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).await.unwrap(), "new");
    let mode = fs::metadata(&path).await.unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[nimsync::test]
async fn a_name_as_long_as_names_can_be() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x".repeat(255));
    fs::write_atomic(&path, "text").await.unwrap();
    assert_eq!(fs::read_to_string(&path).await.unwrap(), "text");
}

#[nimsync::test]
async fn an_error_leaves_everything_as_it_was() {
    let folder = tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::create_dir(&taken).await.unwrap();
    let error = fs::write_atomic(&taken, "x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory);
    let error = fs::write_atomic(folder.path().join("no/such"), "x").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
    let error = fs::write_durable("/", "x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(names(folder.path()), ["taken"]);
}

/// Root may replace `/dev/null` by a file, and once did.
#[cfg(unix)]
#[nimsync::test]
async fn what_is_no_regular_file_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let link = folder.path().join("link");
    fs::symlink(&socket, &link).await.unwrap();
    for path in [&socket, &link] {
        let error = fs::write_atomic(path, "x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let error = fs::write_durable(path, "x").await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("only a regular file can be replaced")
        );
    }
    let kind = fs::metadata(&socket).await.unwrap().file_type();
    assert!(kind.is_socket());
    // Nothing is left beside.
    assert_eq!(names(folder.path()).len(), 2);
}

/// A process that does nothing but replace a file is killed, again and again.
#[cfg(target_os = "linux")]
#[test]
fn a_killed_run_leaves_no_half_written_file() {
    const FILE: &str = "NIMSYNC_TESTS_REPLACES";
    nimsync_tests::alone::alone(|| {
        let runtime = nimsync::Runtime::local().build().unwrap();
        if let Some(path) = std::env::var_os(FILE) {
            runtime.block_on(async {
                for n in (0..=u8::MAX).cycle() {
                    fs::write_atomic(&path, vec![n; 200_000]).await.unwrap();
                }
            });
        }
        let folder = tempdir().unwrap();
        let path = folder.path().join("state");
        std::fs::write(&path, [0; 200_000]).unwrap();
        let look = || {
            let bytes = std::fs::read(&path).unwrap();
            assert_eq!(bytes.len(), 200_000);
            assert!(bytes.iter().all(|&byte| byte == bytes[0]));
            bytes[0]
        };
        for round in 0..10 {
            runtime.block_on(async {
                let mut again = nimsync::process::Command::new(std::env::current_exe().unwrap());
                again.args(std::env::args_os().skip(1)).env(FILE, &path);
                let mut child = again
                    .stdout(nimsync::process::Stdio::null())
                    .spawn()
                    .unwrap();
                let (mut seen, mut changes) = (look(), 0);
                while changes <= round {
                    let now = look();
                    changes += u32::from(now != seen);
                    seen = now;
                }
                child.kill().await.unwrap();
            });
            look();
        }
    });
}
