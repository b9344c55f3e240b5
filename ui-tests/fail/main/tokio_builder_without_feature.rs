fn main() {
    nimsync::Runtime::builder().tokio_compat().build().unwrap();
}
