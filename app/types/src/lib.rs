//! Nouns that server and browser both see: ids, records sent over the wire, roles, capabilities, the error.
//!
//! No I/O, no runtime, no SQL. Times are [`OffsetDateTime`] in UTC and travel as RFC 3339.

pub mod access;
pub mod agent;
pub mod audit;
pub mod backups;
pub mod charts;
pub mod deployment;
pub mod error;
pub mod health;
pub mod identity;
pub mod instant;
pub mod listing;
pub mod live;
pub mod operations;
pub mod overview;
pub mod preflight;
pub mod resources;
pub mod runbooks;
pub mod samples;
pub mod text;
mod verdict;
pub mod wire;

pub use access::{Capability, Role};
pub use error::{Error, FieldError};
pub use time::OffsetDateTime;
