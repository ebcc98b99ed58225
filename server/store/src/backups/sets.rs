//! Backup sets.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use types::backups::{Keep, SetKind, SetSettings};

use crate::StoreError;

/// The constraint over names.
pub const NAME_KEY: &str = "backup_set_name_key";

/// The foreign key of a set to its targets.
pub const TARGET_KEY: &str = "backup_set_target_target_fkey";

/// A set as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// Its number.
    pub id: i64,
    /// What it holds.
    pub kind: SetKind,
    /// The compose project.
    pub project: String,
    /// The Postgres service.
    pub service: String,
    /// The database.
    pub database: String,
    /// What may be changed.
    pub settings: SetSettings,
    /// When the schedule runs next.
    pub next_run: Option<OffsetDateTime>,
    /// When its drill is due.
    pub next_drill: Option<OffsetDateTime>,
    /// How long the last drill took, in seconds.
    pub drill_s: Option<f64>,
    /// When that was.
    pub drilled_at: Option<OffsetDateTime>,
    /// Why it failed.
    pub drill_failure: Option<String>,
    /// Since when its source exists no more.
    pub gone_at: Option<OffsetDateTime>,
}

struct Row {
    id: i64,
    kind: String,
    project: String,
    service: String,
    database: String,
    name: String,
    team: String,
    is_enabled: bool,
    schedule: String,
    time_zone: String,
    next_run: Option<OffsetDateTime>,
    keep_within_days: i32,
    keep_daily: i32,
    keep_weekly: i32,
    keep_monthly: i32,
    rpo_s: i32,
    rto_s: i32,
    checksum_up_to: i64,
    paths: Vec<String>,
    excludes: Vec<String>,
    next_drill: Option<OffsetDateTime>,
    drill_s: Option<f64>,
    drilled_at: Option<OffsetDateTime>,
    drill_failure: Option<String>,
    gone_at: Option<OffsetDateTime>,
    targets: Vec<i64>,
}

impl TryFrom<Row> for Set {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = SetKind::parse(&row.kind)
            .ok_or_else(|| StoreError::Corrupt(format!("kind of backup set {}", row.kind)))?;
        Ok(Self {
            id: row.id,
            kind,
            project: row.project,
            service: row.service,
            database: row.database,
            settings: SetSettings {
                name: row.name,
                team: row.team,
                is_enabled: row.is_enabled,
                schedule: row.schedule,
                time_zone: row.time_zone,
                keep: Keep {
                    within_days: row.keep_within_days.cast_unsigned(),
                    daily: row.keep_daily.cast_unsigned(),
                    weekly: row.keep_weekly.cast_unsigned(),
                    monthly: row.keep_monthly.cast_unsigned(),
                },
                rpo_s: row.rpo_s.cast_unsigned(),
                rto_s: row.rto_s.cast_unsigned(),
                checksum_up_to: row.checksum_up_to.cast_unsigned(),
                paths: row.paths,
                excludes: row.excludes,
                targets: row.targets,
            },
            next_run: row.next_run,
            next_drill: row.next_drill,
            drill_s: row.drill_s,
            drilled_at: row.drilled_at,
            drill_failure: row.drill_failure,
            gone_at: row.gone_at,
        })
    }
}

/// Every set by name, or one.
///
/// # Errors
/// The database failed.
pub async fn list(db: impl PgExecutor<'_>, only: Option<i64>) -> Result<Vec<Set>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, kind, project, service, database, name, team, is_enabled, schedule, time_zone, next_run,
                  keep_within_days, keep_daily, keep_weekly, keep_monthly, rpo_s, rto_s, checksum_up_to, paths, excludes,
                  next_drill, drill_s, drilled_at, drill_failure, gone_at,
                  array(SELECT target_id FROM backup_set_target WHERE set_id = id ORDER BY place) AS "targets!"
           FROM backup_set WHERE $1::bigint IS NULL OR id = $1 ORDER BY name"#,
        only
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Set::try_from).collect()
}

/// One set.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>, id: i64) -> Result<Option<Set>, StoreError> {
    Ok(list(db, Some(id)).await?.pop())
}

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
/// [`NAME_KEY`], [`TARGET_KEY`]; the database failed.
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
/// [`NAME_KEY`], [`TARGET_KEY`]; the database failed.
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

/// Sets that were found and are there no more, or are there again; `there` are the numbers of those that are.
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
) -> Result<(), StoreError> {
    sqlx::query!(
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
    Ok(())
}

/// A set whose run is due, locked until the transaction ends: each due run is taken once, over all consoles.
///
/// # Errors
/// The database failed.
pub async fn due(db: &mut PgConnection, now: OffsetDateTime) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM backup_set
         WHERE is_enabled AND gone_at IS NULL AND next_run <= $1 ORDER BY next_run LIMIT 1 FOR UPDATE SKIP LOCKED",
        now
    )
    .fetch_optional(db)
    .await?)
}

/// When the schedule runs next.
///
/// # Errors
/// The database failed.
pub async fn set_next_run(
    db: &mut PgConnection,
    id: i64,
    next_run: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_set SET next_run = $2 WHERE id = $1",
        id,
        next_run
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A set whose drill is due, as [`due`].
///
/// # Errors
/// The database failed.
pub async fn due_drill(
    db: &mut PgConnection,
    now: OffsetDateTime,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM backup_set
         WHERE is_enabled AND gone_at IS NULL AND coalesce(next_drill, '-infinity') <= $1
           AND EXISTS (SELECT FROM backup WHERE set_id = backup_set.id AND status = 'succeeded' AND forgotten_at IS NULL)
         ORDER BY next_drill NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED",
        now
    )
    .fetch_optional(db)
    .await?)
}

/// When the drill is due next.
///
/// # Errors
/// The database failed.
pub async fn set_next_drill(
    db: &mut PgConnection,
    id: i64,
    next: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_set SET next_drill = $2 WHERE id = $1",
        id,
        next
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How a drill ended.
///
/// # Errors
/// The database failed.
pub async fn drilled(
    db: &mut PgConnection,
    id: i64,
    took_s: Option<f64>,
    failure: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup_set SET drilled_at = $4, drill_s = coalesce($2, drill_s), drill_failure = $3 WHERE id = $1",
        id,
        took_s,
        failure,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}
