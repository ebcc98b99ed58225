//! Errors that the NVIDIA driver numbered.

use sqlx::{PgConnection, PgExecutor};

use crate::StoreError;

/// An error of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuError {
    /// The tick that found it, in milliseconds since 1970.
    pub at: i64,
    /// The card's UUID.
    pub uuid: String,
    /// What people call the card, such as `GPU 0`.
    pub card: String,
    /// The driver's number.
    pub xid: i64,
}

/// Errors of one number and card within a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burst {
    /// When the first of them was found, in milliseconds since 1970.
    pub at: i64,
    /// What people call the card.
    pub card: String,
    /// The driver's number.
    pub xid: i64,
    /// How many there were.
    pub count: i64,
}

/// Stores errors of a host; what is stored already is left as it is. Returns how many were new.
///
/// # Errors
/// The database failed.
pub async fn add(db: &mut PgConnection, host: i32, errors: &[GpuError]) -> Result<u64, StoreError> {
    let (mut at, mut uuid, mut card, mut xid) = (vec![], vec![], vec![], vec![]);
    for error in errors {
        at.push(error.at);
        uuid.push(error.uuid.clone());
        card.push(error.card.clone());
        xid.push(error.xid);
    }
    let added = sqlx::query!(
        "INSERT INTO gpu_error (host_id, at, uuid, card, xid)
         SELECT $1, at, uuid, card, xid
         FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[]) AS new (at, uuid, card, xid)
         ON CONFLICT ON CONSTRAINT gpu_error_place DO NOTHING",
        host,
        &at,
        &uuid,
        &card,
        &xid
    )
    .execute(db)
    .await?;
    Ok(added.rows_affected())
}

/// The errors of a host from `from` to before `to`, in milliseconds since 1970, those of one card and number within `step`
/// milliseconds as one: the newest `most`, the newest first.
///
/// # Errors
/// The database failed.
pub async fn between(
    db: impl PgExecutor<'_>,
    host: i32,
    (from, to): (i64, i64),
    step: i64,
    most: i64,
) -> Result<Vec<Burst>, StoreError> {
    Ok(sqlx::query_as!(
        Burst,
        r#"SELECT min(at) AS "at!", card, xid, count(*) AS "count!" FROM gpu_error
           WHERE host_id = $1 AND at >= $2 AND at < $3
           GROUP BY uuid, card, xid, (at - $2) / greatest($4::bigint, 1)
           ORDER BY min(at) DESC, card, xid LIMIT $5"#,
        host,
        from,
        to,
        step,
        most
    )
    .fetch_all(db)
    .await?)
}

/// Forgets errors from before `before`, in milliseconds since 1970.
///
/// # Errors
/// The database failed.
pub async fn forget(db: impl PgExecutor<'_>, before: i64) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM gpu_error WHERE at < $1", before)
        .execute(db)
        .await?;
    Ok(())
}
