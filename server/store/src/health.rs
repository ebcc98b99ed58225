//! The last result of every check, and the probes of the last hour.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use types::health::{Check, Figure, Status};

use crate::StoreError;

/// Every stored check, by name.
///
/// # Errors
/// The database failed, or a row can't be read.
pub async fn checks(db: &PgPool) -> Result<Vec<Check>, StoreError> {
    let rows = sqlx::query!(
        "SELECT name, status, ok, summary, latency_ms, detail, target, service, figures,
                checked_at, last_success_at, since, began_before
         FROM health_check ORDER BY name"
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let figures: Vec<Figure> = serde_json::from_value(row.figures)
                .map_err(|error| StoreError::Corrupt(format!("check {}: {error}", row.name)))?;
            Ok(Check {
                name: row.name,
                status: Status::parse(&row.status),
                ok: row.ok,
                summary: row.summary,
                latency_ms: row.latency_ms,
                detail: row.detail,
                target: row.target,
                service: row.service,
                figures,
                checked_at: Some(row.checked_at),
                last_success_at: row.last_success_at,
                since: Some(row.since),
                began_before: row.began_before,
            })
        })
        .collect()
}

/// Stores a result. `since` stays while the verdict and its summary do, but for the figures in parentheses that may follow
/// it: another trouble began at another time. Where it was bad when it was first seen, or seen again after
/// two minutes without a result, it began before. `last_success_at` stays while there is no newer success.
/// A result of a round that began before the one that is stored (of a slower console) is dropped; `round` is the
/// round's number, of [`crate::reading::begin`]. `since`, `began_before` and `last_success_at` of `check` itself
/// are not read.
///
/// # Errors
/// The database failed.
pub async fn save(
    db: &mut PgConnection,
    check: &Check,
    round: i64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let figures = serde_json::to_value(&check.figures)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query!(
        "INSERT INTO health_check AS old
         (name, status, ok, summary, latency_ms, detail, target, service, figures, checked_at,
          last_success_at, since, began_before, reading)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $3 THEN $10::timestamptz END, $10, $2 <> 'ok', $11)
         ON CONFLICT (name) DO UPDATE SET
             status = EXCLUDED.status, ok = EXCLUDED.ok, summary = EXCLUDED.summary,
             latency_ms = EXCLUDED.latency_ms, detail = EXCLUDED.detail, target = EXCLUDED.target,
             service = EXCLUDED.service, figures = EXCLUDED.figures, checked_at = EXCLUDED.checked_at,
             last_success_at = COALESCE(EXCLUDED.last_success_at, old.last_success_at),
             since = CASE WHEN old.status = EXCLUDED.status
                               AND split_part(old.summary, ' (', 1) = split_part(EXCLUDED.summary, ' (', 1)
                          THEN old.since ELSE EXCLUDED.since END,
             began_before = CASE WHEN old.status = EXCLUDED.status
                                      AND split_part(old.summary, ' (', 1) = split_part(EXCLUDED.summary, ' (', 1)
                                 THEN old.began_before
                                 ELSE EXCLUDED.began_before
                                      AND old.checked_at < EXCLUDED.checked_at - interval '2 minutes' END,
             reading = EXCLUDED.reading
         WHERE old.reading <= EXCLUDED.reading",
        check.name,
        check.status.as_str(),
        check.ok,
        check.summary,
        check.latency_ms,
        check.detail,
        check.target,
        check.service,
        figures,
        now,
        round
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The facts of every container of a compose project, to find the platform's parts among.
///
/// # Errors
/// The database failed.
pub async fn containers(db: &PgPool) -> Result<Vec<serde_json::Value>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT facts FROM container ORDER BY id")
            .fetch_all(db)
            .await?,
    )
}

/// How one probe ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probed {
    /// It answered as it should.
    pub ok: bool,
    /// Requests that the backend counted since it started.
    pub requests: Option<f64>,
    /// Errors that the backend counted since it started.
    pub errors: Option<f64>,
}

/// A probe of the last hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// When: one that answered, when it was asked; one that failed, when it had.
    pub at: OffsetDateTime,
    /// How it ended.
    pub probed: Probed,
}

/// Remembers how a probe of `name` ended.
///
/// # Errors
/// The database failed.
pub async fn remember(
    db: &mut PgConnection,
    name: &str,
    probed: &Probed,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO health_probe (name, at, ok, requests, errors) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name, at) DO NOTHING",
        name,
        now,
        probed.ok,
        probed.requests,
        probed.errors
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Probes of `name` since `from`, the oldest first, at most a thousand.
///
/// # Errors
/// The database failed.
pub async fn probes(
    db: &PgPool,
    name: &str,
    from: OffsetDateTime,
) -> Result<Vec<Past>, StoreError> {
    let rows = sqlx::query!(
        "SELECT at, ok, requests, errors FROM health_probe
         WHERE name = $1 AND at >= $2 ORDER BY at LIMIT 1000",
        name,
        from
    )
    .fetch_all(db)
    .await?;
    let probes = rows.into_iter().map(|row| Past {
        at: row.at,
        probed: Probed {
            ok: row.ok,
            requests: row.requests,
            errors: row.errors,
        },
    });
    Ok(probes.collect())
}

/// Forgets probes older than `before`.
///
/// # Errors
/// The database failed.
pub async fn forget(db: &mut PgConnection, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(
        sqlx::query!("DELETE FROM health_probe WHERE at < $1", before)
            .execute(db)
            .await?
            .rows_affected(),
    )
}

#[cfg(test)]
mod tests;
