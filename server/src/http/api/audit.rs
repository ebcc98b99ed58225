//! The audit log.

use ops::audit;
use types::{
    Error,
    audit::{AuditFilter, AuditPage, AuditResult},
};

use super::{Answer, Asked, Params, openapi::Refused};

/// A page of the audit log
///
/// The newest first; `next`, given as `before`, reads on. A team lead's token sees its own team's entries.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "identity",
    params(
        ("actor" = Option<String>, Query, description = "Part of the actor's name", max_length = 200),
        ("action" = Option<String>, Query, description = "Part of the action, e.g. `service.`", max_length = 200),
        ("target" = Option<String>, Query, description = "Part of the target", max_length = 200),
        ("result" = Option<AuditResult>, Query, description = "How it ended"),
        ("since" = Option<String>, Query, description = "Not before this time, RFC 3339, e.g. `2026-11-24T10:00:00Z`; without a zone in UTC", max_length = 40),
        ("until" = Option<String>, Query, description = "Only before this time", max_length = 40),
        ("before" = Option<i64>, Query, description = "Only before the entry with this id", minimum = 1),
    ),
    responses(
        (status = 200, description = "A page", body = AuditPage),
        Refused,
    )
)]
pub async fn audit(asked: Asked, mut params: Params) -> Answer<AuditPage> {
    let filter = audit_filter(&mut params)?;
    asked.answer(audit::list(&asked.ops, &asked.actor, &filter).await)
}

/// The filter that a query names.
///
/// # Errors
/// `Invalid` naming the parameter that is refused.
pub fn audit_filter(params: &mut Params) -> Result<AuditFilter, Error> {
    let mut text = |name: &str, most: usize| params.text(name, most).map(Option::unwrap_or_default);
    let filter = AuditFilter {
        actor: text("actor", 200)?,
        action: text("action", 200)?,
        target: text("target", 200)?,
        result: text("result", 200)?,
        since: text("since", 40)?,
        until: text("until", 40)?,
        before: params.integer("before", 1, i64::MAX)?,
    };
    params.done()?;
    if !filter.result.is_empty() && AuditResult::parse(&filter.result).is_none() {
        return Err(Error::field(
            "result",
            "Choose success, failure or refused.",
        ));
    }
    Ok(filter)
}
