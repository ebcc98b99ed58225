//! The order of readings. Consoles' clocks may differ by minutes, so what was read when is told by a number of the
//! database's.

use sqlx::PgExecutor;

use crate::StoreError;

/// A number above those of all readings that began before; to be taken before the question is asked.
///
/// # Errors
/// The database failed.
pub async fn begin(db: impl PgExecutor<'_>) -> Result<i64, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"SELECT nextval('reading') AS "number!""#)
            .fetch_one(db)
            .await?,
    )
}
