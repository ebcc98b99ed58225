//! Sets added and changed.

use sqlx::PgConnection;
use time::OffsetDateTime;
use types::backups::{SetKind, SetSettings};

use crate::StoreError;

/// A set to be added.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// What it holds.
    pub kind: SetKind,
    /// The compose project.
    pub project: &'a str,
    /// The Postgres service.
    pub service: &'a str,
    /// The database.
    pub database: &'a str,
    /// It was found in the stack, rather than made by a person.
    pub is_found: bool,
    /// When the schedule runs first.
    pub next_run: Option<OffsetDateTime>,
}

/// Adds a set; `None`, and nothing is added, when it was found before.
///
/// # Errors
/// [`super::NAME_KEY`], [`super::TARGET_KEY`]; the database failed.
pub async fn insert(
    db: &mut PgConnection,
    new: &New<'_>,
    settings: &SetSettings,
) -> Result<Option<i64>, StoreError> {
    let id = sqlx::query_scalar!(
        "INSERT INTO backup_set (kind, project, service, database, name, team, is_enabled, schedule, time_zone, next_run,
                                 keep_within_days, keep_daily, keep_weekly, keep_monthly, rpo_s, rto_s, checksum_up_to,
                                 paths, excludes, is_found)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         ON CONFLICT (kind, project, service, database, (CASE WHEN kind = 'directory' THEN paths ELSE '{}' END))
             WHERE is_found DO NOTHING
         RETURNING id",
        new.kind.as_str(),
        new.project,
        new.service,
        new.database,
        settings.name,
        settings.team,
        settings.is_enabled,
        settings.schedule,
        settings.time_zone,
        new.next_run,
        settings.keep.within_days.cast_signed(),
        settings.keep.daily.cast_signed(),
        settings.keep.weekly.cast_signed(),
        settings.keep.monthly.cast_signed(),
        settings.rpo_s.cast_signed(),
        settings.rto_s.cast_signed(),
        settings.checksum_up_to.cast_signed(),
        &settings.paths,
        &settings.excludes,
        new.is_found
    )
    .fetch_optional(&mut *db)
    .await?;
    if let Some(id) = id {
        set_targets(db, id, &settings.targets).await?;
    }
    Ok(id)
}

/// Changes a set; false when there is none.
///
/// # Errors
/// [`super::NAME_KEY`], [`super::TARGET_KEY`]; the database failed.
pub async fn update(
    db: &mut PgConnection,
    id: i64,
    settings: &SetSettings,
    next_run: Option<OffsetDateTime>,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE backup_set
         SET name = $2, team = $3, is_enabled = $4, schedule = $5, time_zone = $6, next_run = $7, keep_within_days = $8,
             keep_daily = $9, keep_weekly = $10, keep_monthly = $11, rpo_s = $12, rto_s = $13, checksum_up_to = $14,
             paths = $15, excludes = $16, is_edited = true
         WHERE id = $1",
        id,
        settings.name,
        settings.team,
        settings.is_enabled,
        settings.schedule,
        settings.time_zone,
        next_run,
        settings.keep.within_days.cast_signed(),
        settings.keep.daily.cast_signed(),
        settings.keep.weekly.cast_signed(),
        settings.keep.monthly.cast_signed(),
        settings.rpo_s.cast_signed(),
        settings.rto_s.cast_signed(),
        settings.checksum_up_to.cast_signed(),
        &settings.paths,
        &settings.excludes
    )
    .execute(&mut *db)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    set_targets(db, id, &settings.targets).await?;
    Ok(true)
}

async fn set_targets(db: &mut PgConnection, id: i64, targets: &[i64]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM backup_set_target WHERE set_id = $1", id)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "INSERT INTO backup_set_target (set_id, target_id, place)
         SELECT $1, target, place FROM unnest($2::bigint[]) WITH ORDINALITY AS given (target, place)",
        id,
        targets
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets that were found and are there no more, or are there again; `there` are the numbers of those that are. Whether any
/// changed.
///
/// # Errors
/// The database failed.
pub async fn note_there(
    db: &mut PgConnection,
    kind: SetKind,
    project: &str,
    service: &str,
    there: &[i64],
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "UPDATE backup_set SET gone_at = CASE WHEN id = ANY($4) THEN NULL ELSE coalesce(gone_at, $5) END
         WHERE is_found AND kind = $1 AND project = $2 AND service = $3
           AND (gone_at IS NULL) IS DISTINCT FROM (id = ANY($4))",
        kind.as_str(),
        project,
        service,
        there,
        now
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}
