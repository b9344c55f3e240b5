use nimsync::prelude::*;

#[actor(concurrent = 0)]
struct Counter {
    n: i64,
}

#[actor]
impl Counter {
    #[message(concurrent)]
    pub async fn add(&mut self, by: i64) {
        self.n += by;
    }

    #[message(concurrent)]
    pub fn get(&self) -> i64 {
        self.n
    }

    pub fn good(&self) {}

    #[message(concurrent)]
    pub async fn label(&self, cx: &mut Cx<Self>) -> String {
        cx.name().to_owned()
    }
}

fn main() {}
