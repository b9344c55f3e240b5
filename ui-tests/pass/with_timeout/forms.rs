use nimsync::prelude::*;

async fn step() -> Result<u32, std::fmt::Error> {
    Ok(1)
}

#[nimsync::main]
async fn main() {
    let one = with_timeout!(2.seconds(), step()).await.unwrap();
    assert_eq!(one.unwrap(), 1);
    let one = with_timeout!(2.seconds(), {
        step().await?;
        step().await
    })
    .await
    .unwrap();
    assert_eq!(one.unwrap(), 1);
    let done = with_timeout!(2.seconds(), {
        step().await?;
    })
    .await
    .unwrap();
    done.unwrap();
    with_timeout!(2.seconds(), {
        nimsync::yield_now().await;
    })
    .await
    .unwrap();
}
