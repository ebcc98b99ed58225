//! Long pieces of work: asked for in the transaction that decides, done by one console at a time, resumed by another (or by
//! the same one, started again) when that one is gone.
//!
//! An operation is told what it was asked for and what its last attempt left ([`At::state`]); from that, and from what it
//! finds in the world, it goes on or undoes what was half done. It is never assumed that an attempt came to its end.

mod ask;
mod at;
mod read;
mod work;

#[cfg(test)]
mod tests;

pub use ask::{Asked, enqueue};
pub use at::{At, Ended};
pub use read::{cancel, forget, get};
pub use work::{Worker, do_next, work};

/// Lines of its log that are told with an operation.
pub const LINES: i64 = 200;

/// How long operations are kept after they ended.
pub const KEPT: time::Duration = time::Duration::days(400);
