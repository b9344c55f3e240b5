use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let deadline = std::time::Instant::now() + 1.minutes();
    let five = with_deadline!(deadline, async { 5 }).await.unwrap();
    assert_eq!(five, 5);
    let six = with_deadline!(deadline, { 6 },).await.unwrap();
    assert_eq!(six, 6);
}
