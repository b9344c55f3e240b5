use nimsync::prelude::*;

fn check() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[nimsync::main]
async fn main() {
    task_group!(|_| {}).await.unwrap();
    task_group!(|_| {
        check()?;
    })
    .await
    .unwrap();
    task_group!(|g| {
        for _ in 0..2 {
            g.spawn(async {});
        }
    })
    .await
    .unwrap();
    task_group!(|g| {
        if g.len() == 0 {
            check()?;
        } else {
            panic!("nothing was spawned");
        }
    })
    .await
    .unwrap();
    let five = task_group!(|_| {
        check()?;
        Ok(5)
    })
    .await
    .unwrap();
    assert_eq!(five, 5);
    let text = task_group!(|_| "text".to_owned()).await.unwrap();
    assert_eq!(text, "text");
    let failed: Result<u8, _> = task_group!(|_| {
        check()?;
        Err("no".into())
    })
    .await;
    assert!(failed.is_err());
}
