use store::PgPool;
use time::Duration;
use types::{Error, samples::Retention};

use super::{SECOND, World};
use crate::{Actor, Fault, resources, resources::sizes::reckon};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn bytes(world: &World) -> Vec<i64> {
    let sizes = resources::sizes(&world.ops, &Actor::system())
        .await
        .unwrap();
    sizes.tiers.iter().map(|tier| tier.bytes).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_old_enough_goes_and_its_room_is_used_again(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    let mut grown = Vec::new();
    // Blocks of an hour of hard noise, for four times as long as they are kept.
    for round in 0..8 * 14 {
        world.send(700, Duration::seconds(10));
        world.clock.advance(Duration::seconds(3_600 * 12 - 7_000));
        world.flush().await;
        resources::forget(&world.ops).await.unwrap();
        if round % 28 == 27 {
            grown.push(bytes(&world).await[0]);
        }
    }
    assert!(grown[3] <= grown[1] * 11 / 10, "{grown:?}");
    let oldest = sqlx::query_scalar::<_, i64>("SELECT min(until_at) FROM sample_second");
    let oldest = oldest.fetch_one(&db).await.unwrap();
    assert!(oldest >= world.now() - 14 * DAY && oldest < world.now() - 13 * DAY);
    let chart = world.chart(0, start, start + 3 * HOUR, 500).await;
    assert!(chart.points.len() > 100, "the minutes are there yet");
    assert_eq!(chart.step_ms, 60_000);
}

#[sqlx::test(migrations = "../../migrations")]
async fn how_long_they_are_kept_is_set_by_those_who_manage(db: PgPool) {
    let mut world = World::new(&db);
    let keep = Retention {
        second_days: 5,
        minute_days: 20,
        hour_days: 40,
    };
    let viewer = Actor {
        role: types::Role::Viewer,
        ..Actor::system()
    };
    let refused = resources::set_retention(&world.ops, &viewer, keep).await;
    assert!(matches!(refused, Err(Fault::Told(Error::Forbidden { .. }))));
    let none = Retention {
        second_days: 0,
        ..keep
    };
    let refused = resources::set_retention(&world.ops, &Actor::system(), none).await;
    assert!(matches!(refused, Err(Fault::Told(Error::Invalid { .. }))));
    resources::set_retention(&world.ops, &Actor::system(), keep)
        .await
        .unwrap();
    assert_eq!(
        resources::retention(&world.ops, &viewer).await.unwrap(),
        keep
    );
    for _ in 0..48 {
        world.send(720, Duration::seconds(10));
        world.flush().await;
    }
    world.clock.advance(Duration::days(6));
    assert!(resources::forget(&world.ops).await.unwrap() > 0);
    world.clock.advance(Duration::days(40));
    resources::settle_quiet(&world.ops).await.unwrap();
    assert!(resources::forget(&world.ops).await.unwrap() > 0);
    let left = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM sample_block");
    assert_eq!(left.fetch_one(&db).await.unwrap(), 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn sizes_say_when_a_tier_is_full(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    world.send(800, SECOND);
    world.flush().await;
    let young = reckon(&world.ops, Some(1)).await.unwrap();
    assert_eq!(young.tiers[0].full_bytes, None);
    assert_eq!(young.disk_full_at, None);
    for _ in 0..30 {
        world.send(720, Duration::seconds(10));
        world.flush().await;
    }
    let sizes = reckon(&world.ops, Some(1)).await.unwrap();
    let second = sizes.tiers[0];
    assert_eq!((second.every_s, second.keep_days), (1, 14));
    assert_eq!(
        second.full_at.map(|at| at / DAY),
        Some((start + 14 * DAY) / DAY)
    );
    assert!(second.full_bytes.unwrap() > second.bytes);
    assert!(sizes.disk_full_at.unwrap() < second.full_at.unwrap());
    let roomy = reckon(&world.ops, Some(i64::MAX)).await.unwrap();
    assert_eq!(roomy.disk_full_at, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_block_that_is_damaged_is_a_gap_and_nothing_else(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    for _ in 0..3 {
        world.send(200, SECOND);
        world.flush().await;
    }
    let damage = "UPDATE sample_block SET block = set_byte(block, 40, get_byte(block, 40) # 255)
                  WHERE from_at = (SELECT min(from_at) FROM sample_block)";
    assert_eq!(
        sqlx::query(damage)
            .execute(&db)
            .await
            .unwrap()
            .rows_affected(),
        1
    );
    let all = world.sent(0).len();
    let left = world.stored(0, start).await.len();
    assert!(left > all / 2 && left < all, "{left}");
    for _ in 0..15 {
        world.send(720, Duration::seconds(10));
        world.flush().await;
    }
    let hour = world.chart(0, start, start + HOUR, 2_000).await;
    assert!(
        hour.points.len() > left,
        "what is left is read after the hour as well"
    );
    let minutes = "SELECT count(*) FROM sample_minute";
    assert!(
        sqlx::query_scalar::<_, i64>(minutes)
            .fetch_one(&db)
            .await
            .unwrap()
            > 0
    );
}
