//! Which hosts and series there are.

use types::{
    Capability,
    samples::{StoredHost, StoredSeries},
};

use super::is_hidden;
use crate::{Actor, Ops, Outcome};

/// Every host, by name.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn hosts(ops: &Ops, actor: &Actor) -> Outcome<Vec<StoredHost>> {
    actor.may(Capability::SeeStack)?;
    let hosts = store::samples::hosts::list(&ops.db).await?;
    let told = hosts.into_iter().map(|host| StoredHost {
        name: host.name,
        newest: Some(host.stored_until).filter(|at| *at > 0),
    });
    Ok(told.collect())
}

/// The series of a host, of one name or of all; those that ended as well. Whoever acts for one team sees the machine's
/// own series alone: which container is whose is not known here.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn series(
    ops: &Ops,
    actor: &Actor,
    host: &str,
    name: Option<&str>,
) -> Outcome<Vec<StoredSeries>> {
    actor.may(Capability::SeeStack)?;
    let stored = store::samples::series::of_host(&ops.db, host, name).await?;
    let seen = stored
        .into_iter()
        .filter(|one| !is_hidden(actor, &one.series));
    let told = seen.map(|one| StoredSeries {
        id: one.id,
        series: one.series,
        ended_at: one.ended_at,
    });
    Ok(told.collect())
}
