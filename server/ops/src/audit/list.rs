//! Reading the log a page at a time.

use store::audit::Query;
use types::{
    Capability, Error,
    access::Reach,
    audit::{AuditFilter, AuditPage, AuditResult},
};

use super::permit;
use crate::{Actor, Ops, Outcome, Who};

/// Entries a page.
const PAGE: i64 = 100;

/// A page of the log, the newest first; a team lead sees their own teams' entries.
///
/// # Errors
/// `Forbidden` without "see the audit log" or, for a team lead's token, without a team; `Invalid` for a filter that can't be, or the database failed.
pub async fn list(ops: &Ops, actor: &Actor, filter: &AuditFilter) -> Outcome<AuditPage> {
    let query = query(ops, actor, "audit.list", filter).await?;
    let entries = store::audit::before(&ops.db, &query, filter.before, PAGE).await?;
    let full = i64::try_from(entries.len()).is_ok_and(|count| count == PAGE);
    let next = entries.last().filter(|_| full).map(|last| last.id);
    Ok(AuditPage { entries, next })
}

/// What `actor` may see of what `filter` asks for.
pub(super) async fn query(
    ops: &Ops,
    actor: &Actor,
    action: &str,
    filter: &AuditFilter,
) -> Outcome<Query> {
    let capability = Capability::SeeAudit;
    let reach = actor.may(capability).and_then(|reach| match reach {
        // A token that leads no team sees nothing, and an empty log would read as if nothing had happened. People are
        // told so by the page.
        Reach::OwnTeam if actor.teams.is_empty() && matches!(actor.who, Who::Token { .. }) => {
            Err(Error::Forbidden { capability })
        }
        reach => Ok(reach),
    });
    let reach = permit(ops, actor, action, "audit log", None, reach).await?;
    let fields = filter.refused();
    if !fields.is_empty() {
        return Err(Error::Invalid { fields }.into());
    }
    let part = |text: &str| text.trim().to_owned();
    Ok(Query {
        teams: (reach != Reach::All).then(|| actor.teams.clone()),
        actor: part(&filter.actor),
        action: part(&filter.action),
        target: part(&filter.target),
        result: AuditResult::parse(&filter.result),
        since: filter.since_at(),
        until: filter.until_at(),
    })
}
