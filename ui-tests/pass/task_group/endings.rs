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
    // One arm shows that all are `()`.
    task_group!(|g| {
        check()?;
        match g.len() {
            0 => nothing(),
            1 => {}
            _ => panic!("nothing was spawned"),
        }
    })
    .await
    .unwrap();
    task_group!(|g| {
        check()?;
        if g.len() == 0 {
            println!("none");
        } else {
            nothing()
        }
    })
    .await
    .unwrap();
    task_group!(|_| {
        check()?;
        println!("done")
    })
    .await
    .unwrap();
    // What stands in macros is seen.
    task_group!(|g| {
        g.spawn(async {
            println!("{}", number()?);
        });
        g.spawn(async {
            assert_eq!(number()?, 5, "{}", number()?);
        });
        g.spawn(async {
            let all = vec![number()?, 6];
            Ok(all.len())
        });
    })
    .await
    .unwrap();
    // That arm does not return: the others have a value.
    let value = task_group!(|g| match g.len() {
        0 => number().unwrap(),
        _ => {
            leave();
        }
    })
    .await
    .unwrap();
    assert_eq!(value, 5);
}

fn nothing() {}

fn number() -> Result<u8, std::fmt::Error> {
    Ok(5)
}

fn leave() -> ! {
    std::process::exit(1)
}
