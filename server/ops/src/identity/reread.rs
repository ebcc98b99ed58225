//! Whether an actor still is who they were when their request began; for what outlives a request.

use crate::{Actor, Ops, Outcome, Who};

/// The actor of the same session or token with role and teams as they are now; none when it has ended, or its user is
/// disabled. Counts as no use of the session: a page left open keeps nobody signed in.
///
/// # Errors
/// The database failed.
pub async fn reread(ops: &Ops, actor: &Actor) -> Outcome<Option<Actor>> {
    let now = ops.clock.now();
    match &actor.who {
        Who::System => Ok(Some(actor.clone())),
        Who::User { id, session, .. } => {
            let holder = store::sessions::holder(&ops.db, session, now).await?;
            Ok(holder.map(|holder| Actor {
                who: Who::User {
                    id: *id,
                    session: session.clone(),
                    proved_at: holder.proved_at,
                    has_second_factor: holder.has_second_factor,
                },
                role: holder.role,
                teams: holder.teams,
                ..actor.clone()
            }))
        }
        Who::Token { id } => {
            let token = store::tokens::get(&ops.db, *id).await?;
            let token = token.filter(|token| token.revoked_at.is_none() && token.expires_at > now);
            Ok(token.map(|token| Actor {
                role: token.role,
                teams: token.team.map(|team| team.name).into_iter().collect(),
                ..actor.clone()
            }))
        }
    }
}
