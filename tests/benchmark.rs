//! The benchmark that users can run.

#[test]
fn it_measures_everything_and_prints_a_row_for_each() {
    let costs = nimsync::benchmark().unwrap();
    let modes: Vec<_> = costs.channels.iter().map(|channel| channel.mode).collect();
    assert_eq!(modes, ["spsc", "mpsc", "spmc", "mpmc", "unbounded"]);
    let throughput = costs.channels.iter().map(|channel| channel.per_second);
    let nanos = [
        costs.spawn_and_join_ns,
        costs.spawn_and_await_ns,
        costs.group_ns,
        costs.yield_ns,
        costs.watched_yield_ns,
        costs.traced_yield_ns,
        costs.timer_ns,
        costs.tell_ns,
        costs.ask_ns,
    ];
    for number in throughput.chain(nanos) {
        assert!(number.is_finite() && number > 0.0, "{costs:?}");
    }
    let table = costs.to_string();
    assert_eq!(
        table.lines().filter(|line| line.ends_with(" ns")).count(),
        9
    );
    assert_eq!(
        table
            .lines()
            .filter(|line| line.ends_with(" million/s"))
            .count(),
        5
    );
}

#[test]
#[should_panic(expected = "`benchmark` was called inside a task")]
fn it_refuses_to_block_a_task() {
    nimsync::block_on(async { drop(nimsync::benchmark()) });
}
