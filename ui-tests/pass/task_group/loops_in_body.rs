use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let found = task_group!(|_| {
        let mut found = 0;
        'outer: for row in 0..5 {
            loop {
                if row < 3 {
                    continue 'outer;
                }
                break;
            }
            found = row;
            break 'outer;
        }
        'done: {
            break 'done;
        }
        found
    })
    .await
    .unwrap();
    assert_eq!(found, 3);
}
