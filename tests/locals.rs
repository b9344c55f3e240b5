//! Task locals.

use nimsync::prelude::*;

task_local! {
    static USER: &'static str;
    static DEPTH: u32;
}

#[nimsync::test(workers = 2)]
async fn children_inherit_however_deep() {
    let seen = USER
        .scope("ada", async {
            task_group!(|g| {
                let child = g.spawn(async {
                    task_group!(|g| {
                        let grandchild =
                            g.spawn(async { (USER.get(), DEPTH.try_with(|d| *d).ok()) });
                        grandchild.await
                    })
                    .await
                });
                child.await
            })
            .await
            .unwrap()
        })
        .await;
    assert_eq!(seen, ("ada", None));
    assert!(USER.try_with(|_| ()).is_err(), "only inside of the scope");
}

#[nimsync::test]
async fn inner_values_hide_outer_ones() {
    DEPTH
        .scope(1, async {
            DEPTH
                .scope(2, async {
                    nimsync::yield_now().await;
                    assert_eq!(DEPTH.get(), 2);
                })
                .await;
            assert_eq!(DEPTH.get(), 1);
        })
        .await;
}

#[nimsync::test]
async fn siblings_do_not_see_each_other() {
    task_group!(|g| {
        for i in 0..10 {
            g.spawn(DEPTH.scope(i, async move {
                for _ in 0..5 {
                    nimsync::yield_now().await;
                    assert_eq!(DEPTH.get(), i);
                }
            }));
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
#[should_panic(expected = "the task local has no value here")]
async fn a_missing_value_is_named() {
    let _ = USER.get();
}
