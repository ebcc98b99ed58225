//! Everything that tells of a range, whatever tier it is in yet.

use sqlx::PgExecutor;

use super::Tier;
use crate::StoreError;

/// A block and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Samples or summaries of the tier; samples for what is open.
    pub tier: Tier,
    /// Whose it is; `None` for what is open, which holds all bundles.
    pub bundle: Option<i32>,
    /// The block.
    pub block: Vec<u8>,
}

/// The blocks of bundles that tell of `from` to `to`: of `tier`, and where that does not reach yet, of the finer ones and
/// of what is open. In order of time and of one moment, so that no sample is missing or there twice. A block may hold
/// more than the range.
///
/// # Errors
/// The database failed.
pub async fn range(
    db: impl PgExecutor<'_>,
    tier: Tier,
    host_id: i32,
    bundles: &[i32],
    from: i64,
    to: i64,
) -> Result<Vec<Found>, StoreError> {
    // Where a tier ends, its blocks end: a block of a finer tier begins either before that mark or after it. A block
    // begins no earlier than its span before its samples.
    let rows = sqlx::query!(
        r#"WITH host AS (
               SELECT CASE WHEN $1::smallint = 2 THEN hour_until ELSE 0 END AS minute_from,
                      CASE WHEN $1::smallint >= 1 THEN minute_until ELSE 0 END AS second_from
               FROM resource_host WHERE id = $2)
           SELECT 2::smallint AS "tier!", from_at AS "from_at!", bundle AS "bundle?", block AS "block!" FROM sample_block
           WHERE $1::smallint = 2 AND tier = 2 AND host_id = $2 AND bundle = ANY ($3)
             AND from_at > $4::bigint - $6::bigint AND from_at < $5 AND until_at > $4::bigint - 3600000
           UNION ALL
           SELECT 1::smallint, from_at, bundle, block FROM sample_block, host
           WHERE $1::smallint >= 1 AND tier = 1 AND host_id = $2 AND bundle = ANY ($3)
             AND from_at > $4::bigint - $7::bigint AND from_at < $5 AND until_at > $4::bigint - 60000
             AND from_at >= minute_from
           UNION ALL
           SELECT 0::smallint, from_at, bundle, block FROM sample_block, host
           WHERE tier = 0 AND host_id = $2 AND bundle = ANY ($3)
             AND from_at > $4::bigint - $8::bigint AND from_at < $5 AND until_at >= $4
             AND from_at >= second_from
           UNION ALL
           SELECT 0::smallint, from_at, NULL, block FROM sample_open
           WHERE host_id = $2 AND from_at < $5 AND until_at >= $4
           ORDER BY 2"#,
        tier.number(),
        host_id,
        bundles,
        from,
        to,
        Tier::Hour.span(),
        Tier::Minute.span(),
        Tier::Second.span()
    )
    .fetch_all(db)
    .await?;
    let found = rows.into_iter().map(|row| Found {
        tier: match row.tier {
            2 => Tier::Hour,
            1 => Tier::Minute,
            _ => Tier::Second,
        },
        bundle: row.bundle,
        block: row.block,
    });
    Ok(found.collect())
}
