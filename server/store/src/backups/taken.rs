//! What was backed up.

use sqlx::{PgConnection, PgExecutor, types::Json};
use time::OffsetDateTime;
use types::{
    backups::{Backup, Copy},
    operations::Phase,
};

use crate::StoreError;

struct Row {
    id: i64,
    set: i64,
    operation: i64,
    status: String,
    started_at: OffsetDateTime,
    finished_at: Option<OffsetDateTime>,
    asked_by: String,
    bytes_read: i64,
    bytes_added: i64,
    items: i64,
    rows: i64,
    proven_at: Option<OffsetDateTime>,
    failure: Option<String>,
    copies: Json<Vec<Copy>>,
}

impl TryFrom<Row> for Backup {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let status = Phase::parse(&row.status)
            .ok_or_else(|| StoreError::Corrupt(format!("status of backup {}", row.status)))?;
        Ok(Self {
            id: row.id,
            set: row.set,
            operation: row.operation,
            status,
            started_at: row.started_at,
            finished_at: row.finished_at,
            asked_by: row.asked_by,
            bytes_read: row.bytes_read,
            bytes_added: row.bytes_added,
            items: row.items,
            rows: row.rows,
            proven_at: row.proven_at,
            failure: row.failure,
            copies: row.copies.0,
        })
    }
}

/// Which backups.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Of this set.
    pub set: Option<i64>,
    /// Of one of these teams.
    pub teams: Option<&'a [String]>,
    /// Before this one.
    pub before: Option<i64>,
    /// This one alone.
    pub only: Option<i64>,
}

/// Backups whose snapshots are there, and those that failed, the newest first.
///
/// # Errors
/// The database failed.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: Filter<'_>,
    limit: i64,
) -> Result<Vec<Backup>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT b.id, b.set_id AS "set", b.operation_id AS "operation", b.status, b.started_at, b.finished_at, b.asked_by,
                  b.bytes_read, b.bytes_added, b.items, b.rows, b.proven_at, b.failure,
                  coalesce((SELECT jsonb_agg(jsonb_build_object(
                                'target', t.id, 'target_name', t.name, 'snapshot', c.snapshot, 'failure', c.failure,
                                'verified_at', to_char(c.verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
                                ORDER BY t.id)
                            FROM backup_copy c JOIN backup_target t ON t.id = c.target_id WHERE c.backup_id = b.id),
                           '[]') AS "copies!: Json<Vec<Copy>>"
           FROM backup b JOIN backup_set s ON s.id = b.set_id
           WHERE b.forgotten_at IS NULL
             AND ($1::bigint IS NULL OR b.set_id = $1) AND ($2::text[] IS NULL OR s.team = ANY($2))
             AND ($3::bigint IS NULL OR b.id < $3) AND ($4::bigint IS NULL OR b.id = $4)
           ORDER BY b.id DESC LIMIT $5"#,
        filter.set,
        filter.teams,
        filter.before,
        filter.only,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Backup::try_from).collect()
}

/// One backup.
///
/// # Errors
/// The database failed.
pub async fn get(db: impl PgExecutor<'_>, id: i64) -> Result<Option<Backup>, StoreError> {
    let filter = Filter {
        only: Some(id),
        ..Filter::default()
    };
    Ok(list(db, filter, 1).await?.pop())
}

/// Its name in the repositories.
///
/// # Errors
/// The database failed.
pub async fn label(db: impl PgExecutor<'_>, id: i64) -> Result<Option<String>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT label FROM backup WHERE id = $1", id)
            .fetch_optional(db)
            .await?,
    )
}

/// A backup begins; the number that an earlier attempt of the same operation gave it stays.
///
/// # Errors
/// The database failed.
pub async fn begin(
    db: &mut PgConnection,
    set: i64,
    operation: i64,
    label: &str,
    asked_by: &str,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO backup (set_id, operation_id, label, asked_by, started_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (operation_id) DO UPDATE SET started_at = backup.started_at RETURNING id",
        set,
        operation,
        label,
        asked_by,
        now
    )
    .fetch_one(db)
    .await?)
}

/// What was read for one copy, and what it came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made<'a> {
    /// The snapshot; none where it could not be made.
    pub snapshot: Option<&'a str>,
    /// When its data was read back, if it was.
    pub verified_at: Option<OffsetDateTime>,
    /// Why it could not be made.
    pub failure: Option<&'a str>,
}

/// How a copy at a target went.
///
/// # Errors
/// The database failed.
pub async fn copied(
    db: &mut PgConnection,
    backup: i64,
    target: i64,
    made: Made<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO backup_copy (backup_id, target_id, snapshot, made_at, verified_at, failure)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (backup_id, target_id) DO UPDATE SET snapshot = $3, made_at = $4, verified_at = $5, failure = $6",
        backup,
        target,
        made.snapshot,
        now,
        made.verified_at,
        made.failure
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How much a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Bytes read.
    pub bytes_read: i64,
    /// Bytes that the first target did not have.
    pub bytes_added: i64,
    /// Relations, or files.
    pub items: i64,
    /// Rows of all relations.
    pub rows: i64,
}

/// A backup ends.
///
/// # Errors
/// The database failed.
pub async fn finish(
    db: &mut PgConnection,
    id: i64,
    status: Phase,
    figures: Figures,
    failure: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE backup SET status = $2, bytes_read = $3, bytes_added = $4, items = $5, rows = $6, failure = $7, finished_at = $8
         WHERE id = $1",
        id,
        status.as_str(),
        figures.bytes_read,
        figures.bytes_added,
        figures.items,
        figures.rows,
        failure,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A drill or a restore found a backup to be whole.
///
/// # Errors
/// The database failed.
pub async fn prove(db: &mut PgConnection, id: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!("UPDATE backup SET proven_at = $2 WHERE id = $1", id, now)
        .execute(db)
        .await?;
    Ok(())
}

/// A backup whose snapshots are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub id: i64,
    /// Its name in the repositories.
    pub label: String,
    /// When it was taken.
    pub started_at: OffsetDateTime,
    /// Whether it was proven restorable.
    pub is_proven: bool,
}

/// The backups of a set that succeeded and whose snapshots are there, the newest first.
///
/// # Errors
/// The database failed.
pub async fn kept(db: impl PgExecutor<'_>, set: i64) -> Result<Vec<Kept>, StoreError> {
    Ok(sqlx::query_as!(
        Kept,
        r#"SELECT id, label, started_at, proven_at IS NOT NULL AS "is_proven!" FROM backup
           WHERE set_id = $1 AND status = 'succeeded' AND forgotten_at IS NULL ORDER BY started_at DESC, id DESC"#,
        set
    )
    .fetch_all(db)
    .await?)
}

/// The snapshots of a backup left the repositories.
///
/// # Errors
/// The database failed.
pub async fn forgotten(
    db: &mut PgConnection,
    id: i64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("UPDATE backup SET forgotten_at = $2 WHERE id = $1", id, now)
        .execute(db)
        .await?;
    Ok(())
}
