use std::collections::BTreeMap;

use store::PgPool;
use time::Duration;

use super::World;
use crate::resources::{self, floor};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Least, mean and greatest of what was sent from `from` to before `to`, over spans of `step`.
fn brute_force(
    sent: &[(i64, f64)],
    from: i64,
    to: i64,
    step: i64,
) -> BTreeMap<i64, (f64, f64, f64)> {
    let mut spans: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (at, value) in sent.iter().filter(|(at, _)| (from..to).contains(at)) {
        spans.entry(floor(*at, step)).or_default().push(*value);
    }
    let summary = |values: Vec<f64>| {
        #[expect(clippy::cast_precision_loss, reason = "some hundred")]
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (least, mean, greatest)
    };
    spans
        .into_iter()
        .map(|(at, values)| (at, summary(values)))
        .collect()
}

async fn compare(world: &World, number: u32, from: i64, to: i64, most: usize, step: i64) {
    let chart = world.chart(number, from, to, most).await;
    assert_eq!(chart.step_ms, step, "{from} {to} {most}");
    assert!(chart.points.len() <= most);
    let expected = brute_force(world.sent(number), from, to, step);
    let times: Vec<i64> = chart.points.iter().map(|point| point.0).collect();
    assert_eq!(times, expected.keys().copied().collect::<Vec<_>>());
    for ((at, min, avg, max), (_, expected)) in chart.points.iter().zip(expected) {
        // A step of a share near one; of a count, half a step for the minute and half a step for the point.
        let error = if number == 1 { 0.011 } else { 0.002 };
        let near = |a: f64, b: f64| (a - b).abs() <= error;
        let is_same = near(*min, expected.0) && near(*avg, expected.1) && near(*max, expected.2);
        assert!(is_same, "{at}: {min} {avg} {max}, not {expected:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn points_of_each_tier_are_what_brute_force_finds(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    for round in 0..138 {
        // Two hours, and now and then a gap of some.
        world.send(720, Duration::seconds(10));
        world.flush().await;
        if round % 50 == 49 {
            world.clock.advance(Duration::hours(5));
            world.killed();
        }
    }
    world.send(130, Duration::seconds(10));
    world.flush().await;
    let tiers = "SELECT count(*) FROM sample_block GROUP BY tier ORDER BY tier";
    let blocks: Vec<i64> = sqlx::query_scalar(tiers).fetch_all(&db).await.unwrap();
    assert_eq!(blocks.len(), 3, "{blocks:?}");
    let end = floor(world.now(), HOUR) + HOUR;
    for number in 0..3 {
        // Within the seconds, closed and open; the minutes with what is not in them yet; the hours likewise.
        compare(&world, number, end - 3 * HOUR, end, 300, 60_000).await;
        compare(&world, number, start + DAY, start + DAY + HOUR, 200, 20_000).await;
        compare(&world, number, end - DAY, end, 500, 3 * MINUTE).await;
        compare(
            &world,
            number,
            start + 7 * HOUR,
            start + 3 * DAY,
            400,
            10 * MINUTE,
        )
        .await;
        compare(&world, number, start, end, 300, HOUR).await;
        compare(&world, number, start, end, 50, 6 * HOUR).await;
        compare(&world, number, start, end, 13, DAY).await;
    }
    let year = world.chart(0, end - 365 * DAY, end, 500).await;
    // No more than there may be: every hour as it is.
    assert!((250..300).contains(&year.points.len()));
    assert_eq!(year.step_ms, HOUR);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_host_that_fell_silent_gets_its_summaries(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    world.send(500, Duration::seconds(10));
    world.flush().await;
    resources::settle_quiet(&world.ops).await.unwrap();
    let count = "SELECT count(*) FROM sample_block WHERE tier = 2";
    assert_eq!(
        sqlx::query_scalar::<_, i64>(count)
            .fetch_one(&db)
            .await
            .unwrap(),
        0
    );
    world.clock.advance(Duration::hours(50));
    for _ in 0..2 {
        resources::settle_quiet(&world.ops).await.unwrap();
    }
    assert_eq!(
        sqlx::query_scalar::<_, i64>(count)
            .fetch_one(&db)
            .await
            .unwrap(),
        1
    );
    world.clock.advance(Duration::days(13));
    assert!(resources::forget(&world.ops).await.unwrap() > 0);
    let end = start + 2 * HOUR;
    compare(&world, 0, start, end, 1_000, MINUTE).await;
    // It comes back.
    world.send(500, Duration::seconds(10));
    world.flush().await;
    compare(&world, 0, start, end, 1_000, MINUTE).await;
    let from = floor(world.now(), HOUR) - HOUR;
    compare(&world, 0, from, from + 2 * HOUR, 300, 30_000).await;
}
