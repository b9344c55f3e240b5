use nimsync::prelude::*;

#[actor(mialbox = 3)]
struct A;

#[actor(mailbox = 0, stop_within = 5)]
struct B;

#[actor(full = rejcet, stop_within = "5 parsecs")]
struct C;

#[actor(mailbox = "many")]
struct D;

#[actor(mailbox)]
struct E;

fn main() {}
