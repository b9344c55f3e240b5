use nimsync::prelude::*;

async fn feed(g: &TaskGroup<'_>) -> usize {
    g.spawn(async {});
    1
}

#[nimsync::main]
async fn main() {
    let fed = task_group!(limit = 2, |g| feed(g).await).await.unwrap();
    assert_eq!(fed, 1);
    let nothing = task_group!(|_| 0).await.unwrap();
    assert_eq!(nothing, 0);
}
