//! The documents, as tests: each code block in them is a doctest of this crate.

#[doc = include_str!("../../README.md")]
pub mod readme {}
#[doc = include_str!("../start.md")]
pub mod start {}
#[doc = include_str!("../guide.md")]
pub mod guide {}
#[doc = include_str!("../cancellation.md")]
pub mod cancellation {}
#[doc = include_str!("../macros.md")]
pub mod macros {}
#[doc = include_str!("../testing.md")]
pub mod testing {}
#[doc = include_str!("../inspect.md")]
pub mod inspect {}
#[doc = include_str!("../channels.md")]
pub mod channels {}
#[doc = include_str!("../streams.md")]
pub mod streams {}
#[doc = include_str!("../actors.md")]
pub mod actors {}
#[doc = include_str!("../supervision.md")]
pub mod supervision {}
#[doc = include_str!("../io.md")]
pub mod io {}
#[doc = include_str!("../ecosystem.md")]
pub mod ecosystem {}
#[doc = include_str!("../from-tokio.md")]
pub mod from_tokio {}
#[doc = include_str!("../from-actix.md")]
pub mod from_actix {}
#[doc = include_str!("../from-nim.md")]
pub mod from_nim {}
#[doc = include_str!("../patterns.md")]
pub mod patterns {}
#[doc = include_str!("../practice.md")]
pub mod practice {}
#[doc = include_str!("../service.md")]
pub mod service {}
#[doc = include_str!("../architecture.md")]
pub mod architecture {}
#[doc = include_str!("../performance.md")]
pub mod performance {}
