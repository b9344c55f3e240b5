use nimsync::prelude::*;

async fn number(n: u32) -> u32 {
    n
}

#[nimsync::main]
async fn main() {
    let three = task_group!(|g| {
        let one = g.spawn(number(1));
        let two = task_group!(|inner| {
            let two = inner.spawn(number(2));
            two.await
        })
        .await?;
        Ok(one.await + two)
    })
    .await
    .unwrap();
    assert_eq!(three, 3);
}
