//! The true state of the compose stack: read from the engine, kept in the database, shown from memory.

mod cache;
mod events;
mod logs;
mod operate;
mod service;
mod stack;

pub use cache::Cache;
pub use events::events;
pub use logs::{LogLines, follow_logs, logs};
pub use operate::operate;
pub use service::service;
pub use stack::stack;
