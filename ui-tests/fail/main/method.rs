struct Server;

impl Server {
    #[nimsync::main]
    async fn run(&self) {}
}

fn main() {}
