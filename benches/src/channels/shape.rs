//! How many senders and receivers there are, and what they must add up to.

use std::hint;
use std::thread;

/// The senders and the receivers of a channel.
pub type Ends<Tx, Rx> = (Vec<Tx>, Vec<Rx>);

/// One sender, one receiver.
pub fn line<Tx, Rx>((tx, rx): (Tx, Rx)) -> Ends<Tx, Rx> {
    (vec![tx], vec![rx])
}

/// Many senders, one receiver.
pub fn fan_in<Tx: Clone, Rx>(senders: usize, (tx, rx): (Tx, Rx)) -> Ends<Tx, Rx> {
    (vec![tx; senders], vec![rx])
}

/// One sender, many receivers.
pub fn fan_out<Tx, Rx: Clone>(receivers: usize, (tx, rx): (Tx, Rx)) -> Ends<Tx, Rx> {
    (vec![tx], vec![rx; receivers])
}

/// Many of both.
pub fn mesh<Tx: Clone, Rx: Clone>(each: usize, (tx, rx): (Tx, Rx)) -> Ends<Tx, Rx> {
    (vec![tx; each], vec![rx; each])
}

/// What a received value adds to the sum: one that is lost shows, even a 0.
pub fn check(value: u64) -> u64 {
    value + 1
}

/// The sum, when each of `senders` has sent the numbers below `each`.
pub fn expected(senders: usize, each: u64) -> u64 {
    senders as u64 * (each * (each + 1) / 2)
}

/// Waits a little, as somebody does who tries again; yields at times, since
/// there may be more threads than cores.
pub fn pause(tries: &mut u32) {
    *tries += 1;
    if tries.is_multiple_of(64) {
        thread::yield_now();
    } else {
        hint::spin_loop();
    }
}
