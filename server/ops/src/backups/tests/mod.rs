#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod beside;
mod due;
mod files;
mod killed;
mod own;
mod plans;
mod restores;
mod taking;
pub(crate) mod world;
