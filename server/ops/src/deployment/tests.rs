#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod cache;
mod compose;
mod hostile;
mod logs;
mod operate;
mod reconcile;
mod watch;
pub(crate) mod world;
