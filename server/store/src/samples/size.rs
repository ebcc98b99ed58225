//! How much room samples take.

use sqlx::{PgExecutor, PgPool};

use super::Tier;
use crate::StoreError;

/// What a tier takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Which one.
    pub tier: Tier,
    /// Bytes on disk, everything counted: rows, what is out of line, indexes, free room.
    pub bytes: i64,
    /// Its oldest sample or summary; `None` when it is empty.
    pub oldest: Option<i64>,
    /// Its newest one.
    pub newest: Option<i64>,
}

/// What each tier takes, the finest first; what is open counts as part of that.
///
/// # Errors
/// The database failed.
pub async fn sizes(db: impl PgExecutor<'_>) -> Result<Vec<Size>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT pg_total_relation_size('sample_second') + pg_total_relation_size('sample_open') AS "second!",
                  pg_total_relation_size('sample_minute') AS "minute!",
                  pg_total_relation_size('sample_hour') AS "hour!",
                  (SELECT min(from_at) FROM sample_second) AS second_oldest,
                  (SELECT min(from_at) FROM sample_minute) AS minute_oldest,
                  (SELECT min(from_at) FROM sample_hour) AS hour_oldest,
                  (SELECT max(until_at) FROM sample_second) AS second_newest,
                  (SELECT max(until_at) FROM sample_minute) AS minute_newest,
                  (SELECT max(until_at) FROM sample_hour) AS hour_newest"#
    )
    .fetch_one(db)
    .await?;
    let size = |tier, bytes, oldest, newest| Size {
        tier,
        bytes,
        oldest,
        newest,
    };
    Ok(vec![
        size(
            Tier::Second,
            row.second,
            row.second_oldest,
            row.second_newest,
        ),
        size(
            Tier::Minute,
            row.minute,
            row.minute_oldest,
            row.minute_newest,
        ),
        size(Tier::Hour, row.hour, row.hour_oldest, row.hour_newest),
    ])
}

/// The folder that the database lies in, where the server runs on this machine and lets its role know.
///
/// # Errors
/// The database failed.
pub async fn folder(db: impl PgExecutor<'_>) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(
               nullif(pg_tablespace_location(dattablespace), ''),
               (SELECT setting FROM pg_settings WHERE name = 'data_directory')
           )
           FROM pg_database
           WHERE datname = current_database()
             -- Over a socket there is no address.
             AND coalesce(inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1', true)"#
    )
    .fetch_optional(db)
    .await?
    .flatten())
}

/// Makes the room of forgotten blocks usable again at once. Takes no lock that readers or writers wait for, and what
/// another vacuum is at is left to it.
///
/// # Errors
/// The database failed.
pub async fn vacuum(db: &PgPool) -> Result<(), StoreError> {
    sqlx::query!("VACUUM (SKIP_LOCKED) sample_second, sample_minute, sample_hour, sample_open")
        .execute(db)
        .await?;
    Ok(())
}
