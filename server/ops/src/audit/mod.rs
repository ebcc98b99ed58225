//! The audit log: what was done, by whom, from where, and how it ended.

mod record;

pub use record::{Entry, record, record_alone};
