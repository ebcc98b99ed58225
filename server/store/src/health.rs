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

/// Stores a result. `since` stays while the verdict does; where it was bad when it was first seen, or seen again after
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
             since = CASE WHEN old.status = EXCLUDED.status THEN old.since ELSE EXCLUDED.since END,
             began_before = CASE WHEN old.status = EXCLUDED.status THEN old.began_before
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
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use time::Duration;

    use super::*;

    fn check(status: Status) -> Check {
        Check {
            name: "redis".to_owned(),
            status,
            ok: status == Status::Ok || status == Status::Warning,
            summary: "answers".to_owned(),
            latency_ms: Some(1.5),
            detail: "answers".to_owned(),
            target: "10.0.0.1:6379".to_owned(),
            service: "demo/redis".to_owned(),
            figures: vec![Figure {
                name: "memory".to_owned(),
                text: "1 MiB of 8 MiB".to_owned(),
                status: Status::Ok,
            }],
            checked_at: None,
            last_success_at: None,
            since: None,
            began_before: false,
        }
    }

    async fn saved(db: &PgPool, status: Status, round: i64, now: OffsetDateTime) -> Check {
        let mut connection = db.acquire().await.unwrap();
        save(&mut connection, &check(status), round, now)
            .await
            .unwrap();
        checks(db).await.unwrap().remove(0)
    }

    #[sqlx::test(migrations = "../../migrations")]
    async fn since_moves_with_the_verdict_and_last_success_stays(db: PgPool) {
        let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let at = |seconds| start + Duration::seconds(seconds);

        let first = saved(&db, Status::Critical, 1, at(0)).await;
        assert_eq!(
            (first.since, first.last_success_at),
            (Some(at(0)), None),
            "it never answered"
        );
        assert!(first.began_before, "nobody knows since when");
        let worse = saved(&db, Status::Warning, 1, at(15)).await;
        assert!(!worse.began_before, "that was seen");
        let well = saved(&db, Status::Ok, 2, at(30)).await;
        assert_eq!(
            (well.since, well.last_success_at),
            (Some(at(30)), Some(at(30)))
        );
        let still = saved(&db, Status::Ok, 3, at(60)).await;
        assert_eq!(
            (still.since, still.last_success_at),
            (Some(at(30)), Some(at(60)))
        );
        let gone = saved(&db, Status::Critical, 4, at(90)).await;
        assert_eq!(
            (gone.since, gone.last_success_at),
            (Some(at(90)), Some(at(60)))
        );
        let late = saved(&db, Status::Ok, 3, at(300)).await;
        assert_eq!(late, gone, "a result of an earlier round changes nothing");
        assert_eq!(gone.figures, check(Status::Ok).figures);
        // The console that checks now has a clock five minutes behind the one that checked before.
        let behind = saved(&db, Status::Ok, 5, at(90 - 300)).await;
        assert_eq!(
            (behind.status, behind.checked_at),
            (Status::Ok, Some(at(-210)))
        );
    }

    #[sqlx::test(migrations = "../../migrations")]
    async fn probes_are_told_by_name_and_time_and_forgotten(db: PgPool) {
        let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let mut connection = db.acquire().await.unwrap();
        for second in 0..4 {
            let probed = Probed {
                ok: second != 1,
                ..Probed::default()
            };
            remember(
                &mut connection,
                "redis",
                &probed,
                start + Duration::seconds(second),
            )
            .await
            .unwrap();
        }
        remember(&mut connection, "n8n", &Probed::default(), start)
            .await
            .unwrap();
        let from = start + Duration::seconds(1);
        let told: Vec<bool> = probes(&db, "redis", from)
            .await
            .unwrap()
            .iter()
            .map(|past| past.probed.ok)
            .collect();
        assert_eq!(told, [false, true, true]);
        assert_eq!(forget(&mut connection, from).await.unwrap(), 2);
    }
}
