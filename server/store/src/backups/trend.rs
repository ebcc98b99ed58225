//! What was backed up and drilled over time, whether it is still kept or not.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use types::backups::TrendDrill;

use crate::StoreError;

/// When a backup that succeeded was taken, when it could be restored from, and when it was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its data is as of then.
    pub started_at: OffsetDateTime,
    /// It was there from then on.
    pub finished_at: OffsetDateTime,
    /// It was proven then.
    pub proven_at: Option<OffsetDateTime>,
}

/// The backups of a set that succeeded since, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn moments(
    db: impl PgExecutor<'_>,
    set: i64,
    since: OffsetDateTime,
) -> Result<Vec<Moment>, StoreError> {
    Ok(sqlx::query_as!(
        Moment,
        r#"SELECT started_at, finished_at AS "finished_at!", proven_at FROM backup
           WHERE set_id = $1 AND status = 'succeeded' AND finished_at >= $2 ORDER BY started_at"#,
        set,
        since
    )
    .fetch_all(db)
    .await?)
}

/// The drills on a subject that ended since, the oldest first; those that were cancelled say nothing.
///
/// # Errors
/// The database failed.
pub async fn drills(
    db: impl PgExecutor<'_>,
    subject: &str,
    since: OffsetDateTime,
) -> Result<Vec<TrendDrill>, StoreError> {
    Ok(sqlx::query_as!(
        TrendDrill,
        r#"SELECT started_at AS "at!", extract(epoch FROM finished_at - started_at)::float8 AS "took_s!",
                  phase = 'succeeded' AS "succeeded!"
           FROM operation
           WHERE subject = $1 AND kind = 'drill' AND phase IN ('succeeded', 'failed') AND started_at IS NOT NULL
             AND finished_at >= $2 ORDER BY id"#,
        subject,
        since
    )
    .fetch_all(db)
    .await?)
}
