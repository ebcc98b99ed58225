//! What a person asks of a set: whether they may, and that they asked.

use serde_json::json;
use store::{PgConnection, backups::sets::Set};
use types::Capability;

use super::list;
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
};

/// The set of that number, for an actor who may take backups of it.
///
/// # Errors
/// There is no such set; the actor may not take backups of it, which is recorded; the database failed.
pub(super) async fn permitted(ops: &Ops, actor: &Actor, id: i64, action: &str) -> Outcome<Set> {
    let set = list::stored(ops, actor, id).await?;
    let team = set.settings.team.as_str();
    let allowed = actor.may_for_team(Capability::TakeBackups, team, false);
    audit::permit(ops, actor, action, &target(&set), Some(team), allowed).await?;
    Ok(set)
}

/// Records that an operation on the set was asked for.
pub(super) async fn record(
    tx: &mut PgConnection,
    ops: &Ops,
    actor: &Actor,
    action: &str,
    set: &Set,
    operation: i64,
) -> Outcome<()> {
    let target = target(set);
    let entry = Entry::done(action, &target)
        .of_team(&set.settings.team)
        .with(json!({ "operation": operation }));
    audit::record(tx, ops, actor, entry).await
}

fn target(set: &Set) -> String {
    format!("backup set {}", set.settings.name)
}
