//! Samples of series packed into blocks, summarised by the minute and the hour, and thinned out for a chart.
//!
//! Arithmetic and bytes alone: what reads and writes the blocks is elsewhere. A block that is not what this package wrote
//! gives a [`Corrupt`]; nothing is allocated on its word.

mod block;
mod bytes;
mod column;
mod resolution;
mod summary;
mod thin;

#[cfg(test)]
mod tests;

pub use block::{ABSENT, MOST_FRAMES, Packed, Packer};
pub use resolution::Resolution;
pub use summary::{Summary, merge, pack, summarise, unpack};
pub use thin::{Point, Thinned, step, thin};

/// A block that can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a block of samples is unreadable: {0}")]
pub struct Corrupt(pub(crate) &'static str);
