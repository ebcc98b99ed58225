//! Making the set-up link.

use time::Duration;

use crate::{
    Actor, Ops, Outcome,
    audit::{self, Entry},
    identity::secrets,
};

/// How long a link can be used.
pub const LASTS: Duration = Duration::hours(24);

/// The secret of a fresh link, valid for 24 hours; older ones die. None when there is a user already.
///
/// # Errors
/// The database failed.
pub async fn create(ops: &Ops) -> Outcome<Option<String>> {
    let now = ops.clock.now();
    let token = secrets::random();
    let mut tx = ops.begin().await?;
    if store::users::any(&mut *tx).await? {
        return Ok(None);
    }
    store::setup::replace(&mut tx, &secrets::hash(&token), now, now + LASTS).await?;
    audit::record(
        &mut tx,
        ops,
        &Actor::system(),
        Entry::done("setup.link", "set-up"),
    )
    .await?;
    Ops::commit(tx).await?;
    Ok(Some(token))
}
