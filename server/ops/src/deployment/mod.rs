//! The true state of the compose stack: read from the engine, kept in the database, shown from memory.

mod assemble;
mod bounds;
mod cache;
mod compose;
mod drift;
mod ends;
mod events;
mod happen;
mod keep;
mod lines;
mod listing;
mod log_tail;
mod logs;
mod operate;
mod project;
mod reconcile;
mod rows;
mod service;
mod stack;
mod text;
mod under_way;
mod usage;
mod watch;

#[cfg(test)]
pub(crate) mod tests;

pub use cache::Cache;
pub use events::events;
pub use log_tail::{LogTail, logs};
pub use logs::{LogLines, follow_logs};
pub use operate::operate;
pub(crate) use project::compose_project;
pub use reconcile::{Broken, reconcile};
pub use service::service;
pub use stack::{containers, listing, stack, stack_json};
pub(crate) use text::clean;
pub use under_way::UnderWay;
pub use usage::{Readings, measure, measure_once};
pub use watch::{watch, watch_once};
