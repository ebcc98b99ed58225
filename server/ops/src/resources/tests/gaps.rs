use store::PgPool;
use time::Duration;
use types::resources::Frame;

use super::{HOST, SECOND, World, same, series};
use crate::{
    Actor,
    resources::{self, SeriesQuery},
};

#[sqlx::test(migrations = "../../migrations")]
async fn a_gap_stays_a_gap(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    for _ in 0..3 {
        world.send(500, SECOND);
        world.flush().await;
        world.clock.advance(Duration::minutes(20));
    }
    assert!(same(&world.stored(0, start).await, world.sent(0)));
    for most in [2_000, 300, 30] {
        let chart = world.chart(0, start, world.now(), most).await;
        let far: Vec<i64> = chart
            .points
            .windows(2)
            .map(|pair| pair[1].0 - pair[0].0)
            .filter(|apart| *apart > chart.step_ms * 3 / 2)
            .collect();
        assert_eq!(far.len(), 2, "{most}: {far:?}");
        assert!(far.iter().all(|apart| *apart >= 1_190_000));
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_series_that_is_not_in_a_frame_has_a_gap_there(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    let mut left = Vec::new();
    for second in 0..400 {
        world.send(1, SECOND);
        let at = world.now() + 500;
        let samples = if second % 3 == 0 {
            vec![(1, 3.0), (0, f64::NAN)]
        } else {
            vec![(0, 0.25)]
        };
        left.extend(world.sent(0).last());
        if second % 3 != 0 {
            left.push((at, 0.25));
        }
        world.writer.take(HOST, &Frame { at, samples }, world.now());
        if second % 10 == 9 {
            world.flush().await;
        }
    }
    assert!(same(&world.stored(0, start).await, &left));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_container_that_went_and_came_back_is_one_series(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    world.send(50, SECOND);
    world.flush().await;
    world.writer.end(HOST, 0);
    world.flush().await;
    let ended = |listed: resources::SeriesPage| listed.series[0].ended_at.is_some();
    let (ops, actor) = (world.ops.clone(), Actor::system());
    let name = series(0).key.name;
    let list = || resources::series(&ops, &actor, SeriesQuery::all(HOST, Some(&name)));
    assert!(ended(list().await.unwrap()));
    let kept = world.sent.clone();
    world.send(20, SECOND);
    assert_eq!(world.writer.counts().unnamed, 20);
    world.sent.insert(0, kept[&0].clone());
    world.writer.name(HOST, 0, series(0));
    world.send(200, SECOND);
    world.flush().await;
    assert!(!ended(list().await.unwrap()));
    assert!(same(&world.stored(0, start).await, world.sent(0)));
    // A console that comes back and does not find it any more.
    world.writer = resources::Writer::default();
    world.writer.name(HOST, 1, series(1));
    world.flush().await;
    assert!(ended(list().await.unwrap()));
}
