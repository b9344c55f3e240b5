//! Programs that do not start, waits in wrong places.

use nimsync::Runtime;
use nimsync::io::NamedError;
use nimsync::process::Command;
use std::error::Error;
use std::io::ErrorKind;

#[nimsync::test]
async fn a_program_that_is_missing() {
    let error = Command::new("no such program").spawn().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().starts_with("start `no such program`: "));
    let named = error.get_ref().unwrap().downcast_ref::<NamedError>();
    assert_eq!(named.unwrap().cause().raw_os_error(), Some(2));
    // Its text has the cause in it, which a chain is not to have again.
    assert!(error.source().is_none());
}

#[nimsync::test]
async fn a_file_that_is_no_program() {
    let error = Command::new("/etc/passwd").output().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    let error = Command::new("/").status().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
}

#[nimsync::test]
async fn a_folder_that_is_missing() {
    let error = Command::new("true").current_dir("/no/such").spawn();
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
}

#[nimsync::test]
async fn a_name_with_a_zero_in_it() {
    let error = Command::new("tr\0ue").spawn().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn outside_of_a_runtime_nothing_is_started() {
    let error = Command::new("true").spawn().unwrap_err();
    assert!(
        error.to_string().contains("outside of a nimsync runtime"),
        "{error}"
    );
}

/// A child that outlives its runtime cannot be waited for, but is not leaked.
#[test]
fn a_child_that_outlives_its_runtime_says_so_and_dies() {
    let first = Runtime::local().build().unwrap();
    let mut child = first
        .block_on(async { Command::new("sleep").arg("1000").spawn() })
        .unwrap();
    drop(first);
    let pid = child.id().unwrap();
    let second = Runtime::local().build().unwrap();
    let error = second.block_on(child.wait()).unwrap_err();
    assert!(error.to_string().contains("has ended"), "{error}");
    drop(child);
    assert!(!nimsync_tests::alone::exists(pid));
}
