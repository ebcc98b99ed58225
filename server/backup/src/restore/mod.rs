//! Restores of databases, which never overwrite.
//!
//! A backup is restored into a fresh database beside the live one ([`fill`]), compared with its manifest, and takes the
//! live one's name in one transaction ([`switch`]); the one before is kept and can have its name back ([`undo`]). All that
//! a restore has done stands in the server's catalog: [`survey`] reads it, [`resume`] acts on it after a crash.

mod catalog;
mod copy;
mod fill;
mod pour;
mod swap;

use time::{OffsetDateTime, UtcOffset};

pub(crate) use self::catalog::maintenance;
pub use self::{
    catalog::{Found, State, survey},
    copy::{is_taken, name_copy},
    fill::{Filled, Request, fill},
    swap::{Outcome, Switched, discard, resume, roll_back, switch, undo},
};

/// An instant as a part of a name: `20260131T235959Z`.
pub fn stamp(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}
