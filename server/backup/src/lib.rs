//! The engine of backups: restic, PostgreSQL's tools, restores that can be undone.
//!
//! It has no state of its own. What a backup is stands in the repository, what a restore has done stands in the server's
//! catalog or in the folder itself; whoever drives it is told by a [`Control`] and can be killed at any time. How the
//! parts are used by hand is in docs/backups.md, why they are so in docs/decisions/0011-backups.md.

mod control;
pub mod directory;
mod error;
pub mod postgres;
mod process;
pub mod restic;
pub mod restore;
mod said;
mod secret;
pub mod space;
mod spool;

pub use self::{
    control::{Control, Event, Progress, Stage},
    error::{Error, Kind, Result},
    secret::Secret,
    spool::sweep,
};
