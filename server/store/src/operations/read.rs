//! Operations as they are told.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::operations::{Line, Listed, Operation, Stage};

use super::{kind, read_phase};
use crate::StoreError;

/// An operation with its stages and the newest `lines` lines of its log.
///
/// # Errors
/// The database failed.
pub async fn get(
    db: &mut PgConnection,
    id: i64,
    lines: i64,
) -> Result<Option<Operation>, StoreError> {
    let Some(row) = sqlx::query!(
        r#"SELECT kind, subject, target, team, phase, asked_by, asked_at, started_at, finished_at, progress, failure,
                  cancel_asked_at IS NOT NULL AS "cancelling!"
           FROM operation WHERE id = $1"#,
        id
    )
    .fetch_optional(&mut *db)
    .await?
    else {
        return Ok(None);
    };
    let phase = read_phase(&row.phase)?;
    Ok(Some(Operation {
        id,
        kind: kind(&row.kind)?,
        target: row.target,
        team: row.team,
        set: (row.subject.strip_prefix("backup set ")).and_then(|number| number.parse().ok()),
        phase,
        asked_by: row.asked_by,
        asked_at: row.asked_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        is_cancelling: row.cancelling && !phase.is_over(),
        progress: (row.progress).and_then(|progress| serde_json::from_value(progress).ok()),
        failure: row.failure,
        stages: stages(&mut *db, id).await?,
        log: log(&mut *db, id, lines).await?,
    }))
}

async fn stages(db: &mut PgConnection, id: i64) -> Result<Vec<Stage>, StoreError> {
    let rows = sqlx::query!(
        "SELECT name, phase, started_at, finished_at, detail
         FROM operation_stage WHERE operation_id = $1 ORDER BY place",
        id
    )
    .fetch_all(db)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Stage {
            name: row.name,
            phase: read_phase(&row.phase)?,
            started_at: row.started_at,
            finished_at: row.finished_at,
            detail: row.detail,
        })
    });
    read.collect()
}

async fn log(db: &mut PgConnection, id: i64, lines: i64) -> Result<Vec<Line>, StoreError> {
    let mut lines = sqlx::query_as!(
        Line,
        "SELECT at, text FROM operation_line WHERE operation_id = $1 ORDER BY id DESC LIMIT $2",
        id,
        lines
    )
    .fetch_all(db)
    .await?;
    lines.reverse();
    Ok(lines)
}

/// What was done to a subject, the newest first.
///
/// # Errors
/// The database failed.
pub async fn of_subject(
    db: impl PgExecutor<'_>,
    subject: &str,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, kind, target, phase, asked_by, asked_at, started_at, finished_at, failure
         FROM operation WHERE subject = $1 ORDER BY id DESC LIMIT $2",
        subject,
        limit
    )
    .fetch_all(db)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Listed {
            id: row.id,
            kind: kind(&row.kind)?,
            target: row.target,
            phase: read_phase(&row.phase)?,
            asked_by: row.asked_by,
            asked_at: row.asked_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            failure: row.failure,
        })
    });
    read.collect()
}

/// Which operations on backup sets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ended<'a> {
    /// Of one of these teams.
    pub teams: Option<&'a [String]>,
    /// On sets of this compose project and service.
    pub service: Option<(&'a str, &'a str)>,
}

/// What was done to backup sets and ended from `from` to before `to`, the newest first.
///
/// # Errors
/// The database failed.
pub async fn ended(
    db: impl PgExecutor<'_>,
    which: Ended<'_>,
    from: OffsetDateTime,
    to: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, kind, target, phase, asked_by, asked_at, started_at, finished_at, failure
         FROM operation o
         WHERE finished_at >= $1 AND finished_at < $2 AND kind IN ('backup', 'restore', 'undo', 'drill')
           AND ($3::text[] IS NULL OR team = ANY($3))
           AND ($4::text IS NULL OR EXISTS (
                SELECT FROM backup_set s
                WHERE s.project = $4 AND s.service = $5::text AND o.subject = 'backup set ' || s.id))
         ORDER BY finished_at DESC, id DESC LIMIT $6",
        from,
        to,
        which.teams,
        which.service.map(|(project, _)| project),
        which.service.map(|(_, service)| service),
        limit
    )
    .fetch_all(db)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Listed {
            id: row.id,
            kind: kind(&row.kind)?,
            target: row.target,
            phase: read_phase(&row.phase)?,
            asked_by: row.asked_by,
            asked_at: row.asked_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            failure: row.failure,
        })
    });
    read.collect()
}

/// The operation that works on a subject, or waits to.
///
/// # Errors
/// The database failed.
pub async fn under_way(db: impl PgExecutor<'_>, subject: &str) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM operation WHERE subject = $1 AND phase IN ('queued', 'running')",
        subject
    )
    .fetch_optional(db)
    .await?)
}
