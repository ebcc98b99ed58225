//! What a console that is killed loses.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use time::OffsetDateTime;

use super::program::{PATIENCE, Serving, url};

/// The limit that is promised, in milliseconds.
const LIMIT_MS: i64 = 10_000;

/// How many flushes are watched.
const FLUSHES: usize = 4;

#[expect(
    clippy::disallowed_methods,
    reason = "the console under test goes by the real time"
)]
fn now() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap()
}

/// Until when samples are stored, in milliseconds since 1970; 0 before there are any.
async fn stored_until(db: &PgPool) -> i64 {
    let until = "SELECT coalesce(max(stored_until), 0) FROM resource_host";
    sqlx::query_scalar(until).fetch_one(db).await.unwrap()
}

/// It is killed when it would lose more than it may, and otherwise after some flushes.
#[sqlx::test(migrations = false)]
async fn ten_seconds_of_samples_are_lost_at_the_most(db: PgPool) {
    let mut console = Serving::start(&url(&db));
    console.wait_for("ytops serves");
    let (begun, mut last, mut flushes) = (Instant::now(), 0, 0);
    let killed_at = loop {
        let stored = stored_until(&db).await;
        if stored > last {
            (last, flushes) = (stored, flushes + 1);
        }
        if flushes == FLUSHES || last > 0 && now() - last > LIMIT_MS {
            break now();
        }
        assert!(begun.elapsed() < PATIENCE, "nothing is stored");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    console.kill();
    let lost = killed_at - stored_until(&db).await;
    assert!(lost <= LIMIT_MS, "{lost} ms after {flushes} flushes");
}
