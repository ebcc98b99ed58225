//! Revoking a token.

use serde_json::json;
use types::{Error, live::Topic};

use super::key;
use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::manages,
};

const ACTION: &str = "token.revoke";

/// Kills token `id` at once. Does nothing when it is revoked already.
///
/// # Errors
/// `Forbidden`, `NotFound`; or the database failed.
pub async fn revoke(ops: &Ops, actor: &Actor, id: i64) -> Outcome<()> {
    audit::permit(
        ops,
        actor,
        ACTION,
        &format!("token {id}"),
        None,
        manages(actor),
    )
    .await?;
    let mut tx = ops.begin().await?;
    let token = store::tokens::get(&mut *tx, id)
        .await?
        .ok_or_else(|| Error::not_found("token"))?;
    if !store::tokens::revoke(&mut tx, id, ops.clock.now()).await? {
        return Ok(());
    }
    let entry = Entry {
        team: token.team.as_ref().map(|team| team.name.as_str()),
        ..Entry::done(ACTION, &token.name).with(json!({"id": id}))
    };
    store::changes::publish(&mut tx, Topic::Identity, &key(id)).await?;
    audit::record(&mut tx, ops, actor, entry).await?;
    Ops::commit(tx).await
}
