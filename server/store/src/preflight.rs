//! Since when each requirement of a machine is as it is.

use sqlx::PgPool;
use time::OffsetDateTime;
use types::health::Status;

use crate::StoreError;

/// A requirement's verdict and since when it is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The requirement.
    pub name: String,
    /// The verdict.
    pub status: Status,
    /// Since when.
    pub since: OffsetDateTime,
    /// It was so already then, when that was first seen.
    pub began_before: bool,
}

/// Stores the verdicts on `host` that were found at `now`, and gives what is stored of it then. `since` stays while the
/// verdict does; where it was bad when it was first seen, or seen again after two minutes in which nobody looked, it
/// began before. What a reading that began earlier finds changes nothing; `reading` is the number of this one, of
/// [`crate::reading::begin`].
///
/// # Errors
/// The database failed.
pub async fn save(
    db: &PgPool,
    host: &str,
    found: &[(&str, Status)],
    reading: i64,
    now: OffsetDateTime,
) -> Result<Vec<Standing>, StoreError> {
    let (names, verdicts): (Vec<String>, Vec<String>) = found
        .iter()
        .map(|(name, status)| ((*name).to_owned(), status.as_str().to_owned()))
        .unzip();
    let mut tx = db.begin().await?;
    sqlx::query!(
        "INSERT INTO preflight_check AS old (host, name, status, since, began_before, checked_at, reading)
         SELECT $1, name, status, $4, status <> 'ok', $4, $5 FROM UNNEST($2::text[], $3::text[]) AS new (name, status)
         ON CONFLICT (host, name) DO UPDATE SET
             status = EXCLUDED.status, checked_at = EXCLUDED.checked_at, reading = EXCLUDED.reading,
             since = CASE WHEN old.status = EXCLUDED.status THEN old.since ELSE EXCLUDED.since END,
             began_before = CASE WHEN old.status = EXCLUDED.status THEN old.began_before
                                 ELSE EXCLUDED.began_before
                                      AND old.checked_at < EXCLUDED.checked_at - interval '2 minutes' END
         WHERE old.reading <= EXCLUDED.reading",
        host,
        &names,
        &verdicts,
        now,
        reading
    )
    .execute(&mut *tx)
    .await?;
    let rows = sqlx::query!(
        "SELECT name, status, since, began_before FROM preflight_check WHERE host = $1",
        host
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let standings = rows.into_iter().map(|row| Standing {
        name: row.name,
        status: Status::parse(&row.status),
        since: row.since,
        began_before: row.began_before,
    });
    Ok(standings.collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use time::Duration;

    use super::*;

    #[sqlx::test(migrations = "../../migrations")]
    async fn since_moves_with_the_verdict_of_each_host_alone(db: PgPool) {
        let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let at = |seconds| start + Duration::seconds(seconds);
        let saved = async |host: &str, status, reading, seconds| {
            let found = save(&db, host, &[("gpu", status)], reading, at(seconds)).await;
            let one = found.unwrap().remove(0);
            ((one.since - start).whole_seconds(), one.began_before)
        };
        assert_eq!(
            saved("a", Status::Critical, 1, 0).await,
            (0, true),
            "nobody knows since when"
        );
        assert_eq!(saved("b", Status::Ok, 2, 10).await, (10, false));
        assert_eq!(saved("a", Status::Critical, 3, 5_000).await, (0, true));
        assert_eq!(saved("a", Status::Ok, 4, 5_030).await, (5_030, false));
        assert_eq!(
            saved("a", Status::Warning, 6, 5_060).await,
            (5_060, false),
            "that was seen"
        );
        assert_eq!(
            saved("a", Status::Ok, 5, 5_070).await,
            (5_060, false),
            "what an earlier reading finds changes nothing"
        );
        assert_eq!(
            saved("b", Status::Critical, 7, 5_070).await,
            (5_070, true),
            "nobody looked for an hour"
        );
    }
}
