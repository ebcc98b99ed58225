//! Backups that are proven, and restores that can be undone.
//!
//! What runs long is an operation (`crate::operations`); how databases and folders are read and restored is in the package
//! `backup`.

mod ask;
mod browse;
mod check;
mod discover;
mod download;
mod drill;
mod drive;
mod keep;
mod list;
mod open;
pub mod own;
mod place;
mod plan;
mod restore;
mod schedule;
mod seen;
mod set;
mod sheet;
mod source;
mod standing;
mod take;
mod target;
#[cfg(test)]
pub(crate) mod tests;
mod trend;
mod verify;
mod work;
mod writers;

pub use browse::files;
pub use download::{Download, download};
pub use drill::drill;
pub use list::{backup, backups, page, set, sets, work_of};
pub use place::{OwnDatabase, Place};
pub use plan::plan;
pub use restore::{restore, restores, undo};
pub use schedule::next_runs;
pub use seen::{Seen, seen};
pub use set::{create, update};
pub use sheet::sheet;
pub use take::run;
pub use target::{check_target, create_target, remove_target, targets};
pub use trend::trend;
pub use work::{ask_what_is_due, discover, sweep, worker};

use types::{
    access::DEFAULT_TEAM,
    backups::{Keep, SetKind, SetSettings},
};

/// What a set begins with. The platform's targets are a day that may be lost and four hours until all runs again; a set
/// is held to a tenth of both.
pub fn defaults(kind: SetKind) -> SetSettings {
    let (schedule, within_days) = match kind {
        SetKind::Database => ("17 * * * *", 7),
        SetKind::Directory => ("37 * * * *", 3),
        SetKind::Config => ("47 * * * *", 7),
        SetKind::Console => ("57 * * * *", 7),
    };
    SetSettings {
        name: String::new(),
        team: DEFAULT_TEAM.to_owned(),
        is_enabled: true,
        schedule: schedule.to_owned(),
        time_zone: "UTC".to_owned(),
        keep: Keep {
            within_days,
            daily: 14,
            weekly: 8,
            monthly: 12,
        },
        rpo_s: 7_200,
        rto_s: 1_440,
        checksum_up_to: 64 << 20,
        paths: Vec::new(),
        excludes: Vec::new(),
        targets: Vec::new(),
    }
}
