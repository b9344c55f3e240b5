#[nimsync::main]
async fn main() {
    let _answer = question;
}
