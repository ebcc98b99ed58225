//! Backups, restores and drills, as marks in charts.

use store::operations::{Ended, ended};
use types::{
    charts::Mark,
    health::Status,
    operations::{Kind, Listed, Phase},
};

use super::{MOST, at};
use crate::{Actor, Ops, Outcome, resources::millis};

/// What was done to backup sets that the actor sees, or to those of this one service, and ended from `from` to before
/// `to`, in milliseconds since 1970: the newest for which `others` leave room.
pub async fn of_backups(
    ops: &Ops,
    actor: &Actor,
    only: Option<(&str, &str)>,
    (from, to): (i64, i64),
    others: &[Mark],
) -> Outcome<Vec<Mark>> {
    let (Some(from), Some(to)) = (at(from), at(to)) else {
        return Ok(Vec::new());
    };
    let room = i64::try_from(MOST.saturating_sub(others.len())).unwrap_or_default();
    let which = Ended {
        teams: actor.is_confined().then_some(actor.teams.as_slice()),
        service: only,
    };
    let told = ended(&ops.db, which, from, to, room).await?;
    Ok(told.iter().filter_map(mark).collect())
}

fn mark(operation: &Listed) -> Option<Mark> {
    let (name, done) = match operation.kind {
        Kind::Backup => ("backup", "backed up"),
        Kind::Restore => ("restore", "restored"),
        Kind::Undo => ("undo", "restore undone"),
        Kind::Drill => ("drill", "drill passed"),
        Kind::Verify | Kind::Runbook => return None,
    };
    let target = &operation.target;
    let (text, status) = match operation.phase {
        Phase::Succeeded => (format!("{target}: {done}"), Status::Ok),
        Phase::Failed => (format!("{target}: {name} failed"), Status::Critical),
        _ => (format!("{target}: {name} cancelled"), Status::Unknown),
    };
    Some(Mark {
        at: millis(operation.finished_at?),
        text,
        href: format!("/backups/operations/{}", operation.id),
        status,
    })
}
