//! What the meters of hosts say: kept, thinned out for charts, and forgotten in time.
//!
//! [`Writer`] is fed by the collector of the console that leads; every console reads.

mod agents;
mod charts;
mod counts;
mod intake;
mod list;
mod meters;
mod pack;
mod points;
mod retention;
mod settle;
mod sizes;
mod writer;
pub mod xid;

#[cfg(test)]
mod tests;

pub use agents::{Agents, is_host, take_batch};
pub use charts::charts;
pub use counts::Counts;
pub use list::{SeriesPage, SeriesQuery, hosts, series};
pub use meters::{Beat, Expose, Meters, Taken, Tally, finish, write_loop};
pub use points::points;
pub use retention::{forget, retention, set_retention};
pub use settle::settle_quiet;
pub use sizes::sizes;
pub use writer::Writer;

use store::samples::hosts::Host;
use time::OffsetDateTime;
use types::resources::Series;

use crate::Actor;

/// How much of a host's newest samples is held in memory before it becomes blocks, in milliseconds: short costs little
/// memory, long makes fewer blocks to be joined at the hour.
const PART_MS: i64 = 180_000;

/// The largest multiple of `width` that is not above `at`.
const fn floor(at: i64, width: i64) -> i64 {
    at.div_euclid(width) * width
}

/// A block that can't be read is told, and left as it is: what it held is a gap.
fn unreadable(host: &Host, from: i64, error: series::Corrupt) {
    tracing::warn!(
        host = host.name,
        from_ms = from,
        error = %error,
        "A block of samples is unreadable and is left out."
    );
}

/// Milliseconds since 1970.
fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// Whoever acts for one team sees the machine's own series alone: which container is whose is not known here.
fn is_hidden(actor: &Actor, series: &Series) -> bool {
    actor.is_confined() && is_container(series)
}

/// The series is of a container, or of its processes on a GPU.
fn is_container(series: &Series) -> bool {
    let mut names = series.key.attributes.keys().chain([&series.key.name]);
    names.any(|name| name.starts_with("container"))
}
