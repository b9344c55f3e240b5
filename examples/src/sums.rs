//! What the two web services do: `axum_server` and `micro_framework`.

use nimsync::{BoxError, task_group};
use serde::Serialize;

/// A sum, and of how many parts it was made.
#[derive(Debug, Serialize)]
pub struct Sum {
    sum: i64,
    parts: usize,
}

/// Sums numbers, each hundred of them in a task of its own.
///
/// # Errors
///
/// If the sum is too large.
pub async fn sum(numbers: Vec<i64>) -> Result<Sum, BoxError> {
    let summed = task_group!(own(numbers), |g| {
        let parts: Vec<_> = numbers
            .chunks(100)
            .map(|part| {
                g.spawn(async move {
                    let sum = part.iter().try_fold(0_i64, |sum, n| sum.checked_add(*n));
                    sum.ok_or("the sum is too large")
                })
            })
            .collect();
        let count = parts.len();
        let mut sum = 0_i64;
        for part in parts {
            sum = sum.checked_add(part.await).ok_or("the sum is too large")?;
        }
        Ok::<_, BoxError>(Sum { sum, parts: count })
    });
    Ok(summed.await.0?)
}
