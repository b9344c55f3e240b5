use std::rc::Rc;

#[nimsync::main(flavor = "local")]
async fn main() {
    let shared = Rc::new(1);
    nimsync::yield_now().await;
    drop(shared);
}
