use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let rows = vec![1; 1000];
    let step = 2;
    let (outcome, (rows, step)) = task_group!(own(rows, step), |g| {
        let step = *step;
        for part in rows.chunks_mut(250) {
            g.spawn(async move {
                for value in part {
                    *value += step;
                }
            });
        }
    })
    .await;
    outcome.unwrap();
    assert_eq!(rows, vec![3; 1000]);
    assert_eq!(step, 2);

    let (outcome, (rows,)) = task_group!(own(rows), limit = 2, |_| rows.len()).await;
    assert_eq!(outcome.unwrap(), rows.len());
}
