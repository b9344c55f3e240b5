//! Task groups.

mod failing;
mod limits;
mod services;
mod values;
