//! Arguments that make no sense.

use nimsync::prelude::*;
use nimsync::stream::Rate;

#[test]
#[should_panic = "a stream's capacity is at least 1"]
fn no_capacity() {
    drop(stream::with::<u32>(Backpressure::Block).capacity(0));
}

#[test]
#[should_panic = "a rate lets at least one item pass"]
fn no_rate() {
    drop(stream::iter(0..3).throttle(0));
}

#[test]
#[should_panic = "a burst has at least one item"]
fn no_burst() {
    drop(stream::iter(0..3).throttle(Rate::per_second(1).burst(0)));
}

#[test]
#[should_panic = "a batch has at least one item"]
fn no_batch() {
    drop(stream::iter(0..3).batch_within(0, 1.seconds()));
}

#[test]
#[should_panic = "a window has a length"]
fn no_window() {
    drop(stream::iter(0..3).window(0.seconds()));
}

#[test]
#[should_panic = "the limit is at least 1"]
fn no_limit() {
    drop(stream::iter(0..3).par_map(0, |_| async {}));
}

#[nimsync::test]
#[should_panic = "`send_blocking` inside a task would block its worker"]
async fn blocking_send_in_a_task() {
    let (tx, _rx) = stream::with(Backpressure::Block).build();
    drop(tx.send_blocking(1));
}

#[nimsync::test]
#[should_panic = "`recv_blocking` inside a task would block its worker"]
async fn blocking_receive_in_a_task() {
    let (_tx, mut rx) = stream::with::<u32>(Backpressure::Block).build();
    rx.recv_blocking();
}

#[test]
#[should_panic = "only an adaptive limit has bounds"]
fn bounds_of_a_number() {
    drop(stream::iter(0..3).par_map(stream::Limit::from(3).between(1, 2), |_| async {}));
}

#[test]
#[should_panic = "an adaptive limit is between two numbers"]
fn bounds_the_wrong_way_round() {
    drop(stream::iter(0..3).par_map(stream::adaptive(1.seconds()).between(3, 2), |_| async {}));
}
