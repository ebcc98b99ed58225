//! The health as it was last found.

use time::{Duration, OffsetDateTime};
use types::health::{CHECKS, Check, Health, Status};

use crate::{Actor, Ops, Outcome};

/// A result older than this says nothing of now: four rounds were missed.
const STALE: Duration = Duration::minutes(2);

/// Every check's last result and the health that follows from them. Results that are too old are unknown.
///
/// # Errors
/// The actor may not see the stack, or acts for one team only; the database failed.
pub async fn health(ops: &Ops, actor: &Actor) -> Outcome<Health> {
    actor.may_see_platform()?;
    last(ops).await
}

/// The same for other use-cases, which check the actor themselves.
///
/// # Errors
/// The database failed.
pub async fn last(ops: &Ops) -> Outcome<Health> {
    let stored = store::health::checks(&ops.db).await?;
    Ok(overall(&stored, ops.clock.now()))
}

/// Puts the checks in order, marks what is missing or too old as unknown, and reckons the whole.
fn overall(stored: &[Check], now: OffsetDateTime) -> Health {
    let checks: Vec<Check> = CHECKS
        .iter()
        .map(|name| {
            stored
                .iter()
                .find(|check| check.name == *name)
                .map_or_else(|| never(name), |check| fresh(check.clone(), now))
        })
        .collect();
    Health {
        status: checks
            .iter()
            .map(|check| check.status)
            .max()
            .unwrap_or_default(),
        reasons: reasons(&checks),
        checks,
    }
}

fn never(name: &str) -> Check {
    Check {
        name: name.to_owned(),
        status: Status::Unknown,
        ok: false,
        summary: "is unknown".to_owned(),
        latency_ms: None,
        detail: "not asked yet".to_owned(),
        target: String::new(),
        service: String::new(),
        figures: Vec::new(),
        checked_at: None,
        last_success_at: None,
        since: None,
        began_before: false,
    }
}

fn fresh(check: Check, now: OffsetDateTime) -> Check {
    let asked = check.checked_at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    if now - asked <= STALE {
        return check;
    }
    Check {
        status: Status::Unknown,
        ok: false,
        summary: "is unknown".to_owned(),
        detail: format!(
            "not asked for {} min; before that: {}",
            (now - asked).whole_minutes(),
            check.detail
        ),
        // What was true stopped being known when the next round failed to come.
        since: Some(asked),
        began_before: false,
        ..check
    }
}

/// A sentence for every check that is not ok, the worst first.
fn reasons(checks: &[Check]) -> Vec<String> {
    let mut wrong: Vec<&Check> = checks
        .iter()
        .filter(|check| check.status != Status::Ok)
        .collect();
    wrong.sort_by_key(|check| std::cmp::Reverse(check.status));
    wrong
        .into_iter()
        .map(|check| match check.detail.as_str() {
            // What the predicate says already is not said again.
            detail if check.summary.contains(detail) => {
                format!("{} {}.", check.name, check.summary)
            }
            detail => format!("{} {}: {detail}.", check.name, check.summary),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, status: Status, asked: OffsetDateTime) -> Check {
        Check {
            status,
            ok: status == Status::Ok,
            summary: "does not answer".to_owned(),
            detail: "connection refused".to_owned(),
            checked_at: Some(asked),
            since: Some(asked),
            ..never(name)
        }
    }

    fn all(status: Status, asked: OffsetDateTime) -> Vec<Check> {
        CHECKS
            .iter()
            .map(|name| check(name, status, asked))
            .collect()
    }

    #[test]
    fn all_ok_is_ok_without_a_reason() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let health = overall(&all(Status::Ok, now), now + STALE);
        assert_eq!((health.status, health.reasons.len()), (Status::Ok, 0));
    }

    #[test]
    fn the_worst_counts_and_comes_first() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut checks = all(Status::Ok, now);
        checks[0].status = Status::Warning;
        checks[1].status = Status::Critical;
        let health = overall(&checks, now);
        assert_eq!(health.status, Status::Critical);
        assert_eq!(
            health.reasons,
            [
                "redis does not answer: connection refused.",
                "database does not answer: connection refused."
            ]
        );
    }

    #[test]
    fn what_was_never_asked_or_long_ago_is_unknown() {
        let now = OffsetDateTime::UNIX_EPOCH;
        assert_eq!(overall(&[], now).status, Status::Unknown);
        let later = now + STALE + Duration::seconds(1);
        let health = overall(&all(Status::Ok, now), later);
        assert_eq!(health.status, Status::Unknown);
        assert!(health.checks.iter().all(|check| !check.ok));
        assert_eq!(health.checks[0].since, Some(now));
    }
}
