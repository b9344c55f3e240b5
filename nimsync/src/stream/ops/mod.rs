//! The operators, one a file. Those with a time read the runtime's clock.

mod batch_within;
mod buffered_by;
mod debounce;
mod merge;
mod retry;
mod throttle;
mod timeout_each;
mod window;

pub use crate::retry::Retry;
pub use batch_within::BatchWithin;
pub use buffered_by::BufferedBy;
pub use debounce::Debounce;
pub use merge::merge;
pub use retry::Retrying;
pub use throttle::{Rate, Throttle};
pub use timeout_each::TimeoutEach;
pub use window::{Window, WindowBy, WindowCount};
