// A program that has the runtime under another name.

mod framework {
    pub use ::nimsync as runtime;
}

#[framework::runtime::main(crate = framework::runtime)]
async fn main() {
    framework::runtime::task_group!(|g| {
        g.spawn(async {});
    })
    .await
    .unwrap();
}
