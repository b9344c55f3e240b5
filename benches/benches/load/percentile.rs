//! Percentiles of sorted samples.

/// Returns the sample that `share` of all are not above.
pub(crate) fn of(sorted: &[u64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1] as f64
}
