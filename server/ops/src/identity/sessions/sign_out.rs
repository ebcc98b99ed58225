//! Signing out.

use types::live::Topic;

use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::{person, users},
};

/// Ends the session that asks.
///
/// # Errors
/// `Unauthenticated` for anyone but a signed-in person; or the database failed.
pub async fn sign_out(ops: &Ops, actor: &Actor) -> Outcome<()> {
    let (id, session) = person(actor)?;
    let mut tx = ops.begin().await?;
    if store::sessions::delete(&mut *tx, session).await? {
        store::changes::publish(&mut tx, Topic::Identity, &users::key(id)).await?;
        let entry = Entry::done("session.sign_out", &actor.name);
        audit::record(&mut tx, ops, actor, entry).await?;
    }
    Ops::commit(tx).await
}
