//! Renaming a team.

use serde_json::json;
use types::live::Topic;

use super::{hold, key, not_the_default, refused};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, manages},
};

const ACTION: &str = "team.rename";

/// Renames team `id`. Labels of services keep the name they have; entries of the audit log too.
///
/// # Errors
/// `Forbidden`, `NotFound`, `Invalid` for a refused `name`, `Conflict` for the default team; or the database failed.
pub async fn rename(ops: &Ops, actor: &Actor, id: i64, name: &str) -> Outcome<()> {
    audit::permit(
        ops,
        actor,
        ACTION,
        &format!("team {id}"),
        None,
        manages(actor),
    )
    .await?;
    let mut fields = Fields::default();
    let name = fields.team_name("name", name);
    fields.done()?;
    let mut tx = ops.begin().await?;
    let before = hold(&mut tx, id).await?;
    if before == name {
        return Ok(());
    }
    not_the_default(&before)?;
    store::teams::rename(&mut tx, id, &name)
        .await
        .map_err(refused)?;
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    let entry = Entry::done(ACTION, &before)
        .of_team(&before)
        .with(json!({"name": [before, name]}));
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}
