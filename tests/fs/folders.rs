//! What is in folders.

use nimsync::fs;
use nimsync::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;
use tempfile::tempdir;

#[nimsync::test]
async fn folders_are_made_and_removed_with_all_that_is_in_them() {
    let folder = tempdir().unwrap();
    let (a, deep) = (folder.path().join("a"), folder.path().join("a/b/c"));
    assert!(fs::create_dir(&deep).await.is_err());
    fs::create_dir_all(&deep).await.unwrap();
    fs::create_dir_all(&deep).await.unwrap();
    fs::write(deep.join("file"), "x").await.unwrap();
    assert!(fs::remove_dir(&a).await.is_err());
    fs::remove_dir_all(&a).await.unwrap();
    fs::create_dir(&a).await.unwrap();
    fs::remove_dir(&a).await.unwrap();
    assert!(!fs::try_exists(&a).await.unwrap());
}

#[nimsync::test]
async fn an_empty_folder_has_no_entries() {
    let folder = tempdir().unwrap();
    let mut entries = fs::read_dir(folder.path()).await.unwrap();
    for _ in 0..3 {
        assert!(entries.next().await.is_none());
    }
}

/// More than a batch, some of them fetched by waits that were dropped.
#[nimsync::test(workers = 2)]
async fn all_entries_come_once_also_when_waits_are_dropped() {
    let folder = tempdir().unwrap();
    let names: BTreeSet<String> = (0..1_500).map(|n| format!("entry-{n}")).collect();
    for (i, name) in names.iter().enumerate() {
        let path = folder.path().join(name);
        match i % 2 {
            0 => std::fs::write(path, name).unwrap(),
            _ => std::fs::create_dir(path).unwrap(),
        }
    }
    let mut found = BTreeSet::new();
    let mut entries = fs::read_dir(folder.path()).await.unwrap();
    let mut rng = fastrand::Rng::with_seed(3);
    loop {
        let limit = Duration::from_micros(rng.u64(..5));
        let entry = match with_timeout!(limit, entries.next()).await {
            Ok(Some(entry)) => entry.unwrap(),
            Ok(None) => break,
            Err(_) => continue,
        };
        let name = entry.file_name().into_string().unwrap();
        assert_eq!(entry.path(), folder.path().join(&name));
        if found.len() % 100 == 0 {
            let metadata = entry.metadata().await.unwrap();
            assert_eq!(metadata.is_dir(), entry.file_type().unwrap().is_dir());
        }
        assert!(found.insert(name));
    }
    assert_eq!(found, names);
}

#[cfg(target_os = "linux")]
#[test]
fn descriptors_of_files_and_folders_are_given_back() {
    use nimsync_tests::alone::{alone, descriptors};
    alone(|| {
        let runtime = nimsync::Runtime::builder().workers(2).build().unwrap();
        runtime.block_on(async { fs::read("/etc/passwd").await.unwrap() });
        let before = descriptors();
        runtime.block_on(async {
            use nimsync::io::AsyncReadExt;
            task_group!(|g| {
                for n in 0..200 {
                    g.spawn(async move {
                        let limit = Duration::from_micros(n * 3);
                        let _ = with_timeout!(limit, async {
                            let mut entries = fs::read_dir("/etc").await?;
                            let _ = entries.next().await;
                            let mut file = fs::File::open("/etc/passwd").await?;
                            file.read(&mut [0; 10]).await
                        })
                        .await;
                    });
                }
            })
            .await
            .unwrap();
        });
        assert_eq!(descriptors(), before);
    });
}
