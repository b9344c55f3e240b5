use nimsync::prelude::*;

async fn check() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[nimsync::main]
async fn main() {
    task_group!(|g| {
        g.spawn(async {
            check().await?;
        });
        g.task("named").spawn(async {
            check().await?;
        });
        g.spawn_local(async {
            check().await?;
            g.spawn_local(async {
                check().await?;
            });
        });
        g.service(async {
            check().await?;
        });
        let seven = g
            .start(|ready| async move {
                check().await?;
                ready.set(7);
            })
            .await;
        assert_eq!(seven, 7);
    })
    .await
    .unwrap();
}
