//! Backup sets.

mod due;
mod write;

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::backups::{Keep, SetKind, SetSettings};

pub use self::{
    due::{drilled, due, due_drill, set_next_drill, set_next_run},
    write::{New, insert, note_there, update},
};

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
