//! `#[nimsync::test]` in all its forms. trybuild compiles without `--test`, so these are ordinary tests.

use std::time::Duration;

#[nimsync::test]
async fn returns_nothing() {
    nimsync::yield_now().await;
}

#[nimsync::test]
async fn returns_a_result() -> Result<(), std::num::ParseIntError> {
    let _: u8 = "1".parse()?;
    Ok(())
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn runs_on_workers() {
    nimsync::yield_now().await;
}

#[nimsync::test(start_paused = true)]
async fn skips_the_wait() {
    nimsync::sleep(Duration::from_secs(3600)).await;
}

#[nimsync::test(crate = nimsync)]
#[should_panic(expected = "on purpose")]
async fn keeps_attributes() {
    panic!("on purpose");
}
