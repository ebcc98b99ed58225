//! Making a team.

use types::{identity::Team, live::Topic};

use super::{key, refused};
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{check::Fields, manages},
};

const ACTION: &str = "team.create";

/// Makes a team without members, and gives it back.
///
/// # Errors
/// `Forbidden`, `Invalid` for a refused `name`; or the database failed.
pub async fn create(ops: &Ops, actor: &Actor, name: &str) -> Outcome<Team> {
    audit::permit(ops, actor, ACTION, name, None, manages(actor)).await?;
    let mut fields = Fields::default();
    let name = fields.team_name("name", name);
    fields.done()?;
    let mut tx = ops.begin().await?;
    let id = store::teams::insert(&mut tx, &name, ops.clock.now())
        .await
        .map_err(refused)?;
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    audit::record(
        &mut tx,
        ops,
        actor,
        Entry::done(ACTION, &name).of_team(&name),
    )
    .await?;
    Ops::commit(tx).await?;
    Ok(Team {
        id,
        name,
        members: Vec::new(),
    })
}
