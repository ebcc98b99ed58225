//! Which hosts and series there are.

use store::samples::series::Listed;
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

/// The most series that are listed at once.
const MOST: i64 = 5_000;

/// Which series of a host are asked for.
#[derive(Clone, Copy, Debug)]
pub struct SeriesQuery<'a> {
    /// The host's name.
    pub host: &'a str,
    /// Those of this name; all where it is `None`.
    pub name: Option<&'a str>,
    /// Those that ended as well.
    pub with_ended: bool,
    /// Those of a greater number.
    pub after: i32,
}

impl<'a> SeriesQuery<'a> {
    /// The first series of a host, of one name or of all; those that ended as well.
    pub const fn all(host: &'a str, name: Option<&'a str>) -> Self {
        Self {
            host,
            name,
            with_ended: true,
            after: 0,
        }
    }
}

/// Some series of a host, by number.
#[derive(Clone, Debug)]
pub struct SeriesPage {
    /// At most 5,000.
    pub series: Vec<StoredSeries>,
    /// Where there may be more: those of a number greater than this.
    pub next: Option<i32>,
}

/// Series of a host. Whoever acts for one team sees the machine's own series alone: which container is whose is not known
/// here.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub async fn series(ops: &Ops, actor: &Actor, query: SeriesQuery<'_>) -> Outcome<SeriesPage> {
    actor.may(Capability::SeeStack)?;
    let listed = Listed {
        host: query.host,
        name: query.name,
        with_ended: query.with_ended,
        after: query.after,
        most: MOST,
    };
    let stored = store::samples::series::list(&ops.db, listed).await?;
    let is_full = i64::try_from(stored.len()).is_ok_and(|count| count == MOST);
    let next = stored.last().filter(|_| is_full).map(|last| last.id);
    let seen = stored
        .into_iter()
        .filter(|one| !is_hidden(actor, &one.series));
    let told = seen.map(|one| StoredSeries {
        id: one.id,
        series: one.series,
        ended_at: one.ended_at,
    });
    Ok(SeriesPage {
        series: told.collect(),
        next,
    })
}
