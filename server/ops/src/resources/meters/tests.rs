#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::{collections::BTreeMap, sync::Arc};

use store::PgPool;
use time::{Duration, OffsetDateTime, macros::datetime};
use types::{
    charts::Pulse,
    resources::{Frame, Series, SeriesKey},
};

use super::{MOST_WAITING, Taken, finish};
use crate::{
    Actor, Ops,
    outside::{Clock, FixedClock},
    resources::{self, SeriesQuery, millis},
};

const START: OffsetDateTime = datetime!(2026-11-19 12:00 UTC);
const HOST: &str = "gpu-1";

struct World {
    ops: Ops,
    clock: Arc<FixedClock>,
}

impl World {
    fn new(db: &PgPool) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let ops = Ops::new(db.clone(), Arc::clone(&clock) as Arc<dyn Clock>);
        ops.meters.begin(
            HOST,
            &[
                (0, series("system.memory.usage")),
                (7, series("container.memory.usage")),
            ],
        );
        Self { ops, clock }
    }

    fn at(&self) -> i64 {
        millis(self.ops.clock.now())
    }

    /// A second later, these samples.
    fn take(&self, samples: &[(u32, f64)], keep: bool) -> Taken {
        self.clock.advance(Duration::SECOND);
        let samples = samples.to_vec();
        self.ops.meters.take(
            HOST,
            Frame {
                at: self.at(),
                samples,
            },
            keep,
        )
    }

    async fn id(&self, name: &str) -> i32 {
        let query = SeriesQuery::all(HOST, Some(name));
        let listed = resources::series(&self.ops, &Actor::system(), query).await;
        listed.unwrap().series[0].id
    }

    /// What the database has, as another console tells it.
    async fn stored(&self, id: i32) -> Vec<f64> {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let other = Ops::new(self.ops.db.clone(), clock);
        values(&other, id, self.at()).await
    }

    /// Both series have numbers, and one frame is stored.
    async fn known(&self) -> (i32, i32) {
        assert_eq!(self.take(&[(0, 1.0), (7, 2.0)], true), Taken::Taken);
        finish(&self.ops).await;
        (
            self.id("system.memory.usage").await,
            self.id("container.memory.usage").await,
        )
    }
}

async fn values(ops: &Ops, id: i32, until: i64) -> Vec<f64> {
    let from = millis(START);
    let points = resources::points(ops, &Actor::system(), &[id], from, until + 1, 2_000).await;
    let points = points.unwrap().remove(0).points;
    points.iter().map(|point| point.2).collect()
}

fn series(name: &str) -> Series {
    Series {
        key: SeriesKey {
            name: name.to_owned(),
            attributes: BTreeMap::new(),
        },
        unit: "By".to_owned(),
    }
}

fn pulse(json: &str) -> Pulse {
    serde_json::from_str(json).unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_page_is_told_everything_once_and_then_what_changed(db: PgPool) {
    let world = World::new(&db);
    let (memory, container) = world.known().await;
    let meters = &world.ops.meters;
    let (first, mut beats) = meters.subscribe(HOST, None, true).unwrap();
    let at = world.at();
    let all = vec![(memory, Some(1.0)), (container, Some(2.0))];
    assert_eq!(
        first,
        [Pulse {
            host: HOST.to_owned(),
            at,
            before: 0,
            samples: all.clone()
        }]
    );
    // The database's numbers are new to all who listen.
    world.take(&[(0, 1.0), (7, 2.0)], true);
    assert_eq!(pulse(&beats.recv().await.unwrap().json(true)).samples, all);
    world.take(&[(0, 1.0), (7, 3.0)], true);
    let beat = beats.recv().await.unwrap();
    let told = pulse(&beat.json(true));
    assert_eq!((told.before, told.at), (at + 1_000, at + 2_000));
    assert_eq!(told.samples, [(container, Some(3.0))]);
    assert_eq!(pulse(&beat.json(false)).samples, [], "it is a container's");
    assert!(
        Arc::ptr_eq(&beat.json(true), &beat.json(true)),
        "written once"
    );
    world.take(&[(7, 3.0)], true);
    let gap = pulse(&beats.recv().await.unwrap().json(true));
    assert_eq!(gap.samples, [(memory, None)]);
    world.take(&[(7, 3.0)], true);
    assert_eq!(pulse(&beats.recv().await.unwrap().json(true)).samples, []);
    meters.end(HOST, &[7]);
    world.take(&[(0, 4.0)], true);
    let ended = pulse(&beats.recv().await.unwrap().json(true));
    assert_eq!(ended.samples, [(memory, Some(4.0)), (container, None)]);
    // A device that was replaced.
    meters.end(HOST, &[0]);
    meters.begin(HOST, &[(9, series("system.memory.usage"))]);
    finish(&world.ops).await;
    world.take(&[(9, 5.0)], true);
    let replaced = pulse(&beats.recv().await.unwrap().json(true));
    assert_eq!(replaced.samples, [(memory, Some(5.0))]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_page_missed_is_told_from_memory(db: PgPool) {
    let world = World::new(&db);
    let (memory, container) = world.known().await;
    let start = world.at();
    for value in 0..100_u8 {
        world.take(&[(0, f64::from(value)), (7, 7.0)], false);
    }
    let meters = &world.ops.meters;
    let (missed, _) = meters.subscribe(HOST, Some(start + 97_000), true).unwrap();
    let told: Vec<_> = missed
        .iter()
        .map(|pulse| (pulse.at - start, pulse.samples.clone()))
        .collect();
    let first = vec![(memory, Some(97.0)), (container, Some(7.0))];
    let next = |value| vec![(memory, Some(value))];
    assert_eq!(
        told,
        [(98_000, first), (99_000, next(98.0)), (100_000, next(99.0))]
    );
    assert_eq!((missed[0].before, missed[1].before), (0, missed[0].at));
    let (missed, _) = meters.subscribe(HOST, Some(0), false).unwrap();
    assert_eq!(
        (missed.len(), missed[0].samples.len()),
        (60, 1),
        "a minute, no containers"
    );
    let (none, _) = meters.subscribe(HOST, Some(start + 100_000), true).unwrap();
    assert_eq!(none, []);
    let tail = meters.tail(HOST, &[memory, 99_999], start + 98_000);
    let expected = vec![(start + 99_000, 98.0), (start + 100_000, 99.0)];
    assert_eq!(tail, BTreeMap::from([(memory, expected)]));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_not_newer_or_far_ahead_is_refused(db: PgPool) {
    let world = World::new(&db);
    world.known().await;
    for at in [world.at(), world.at() - 1, -5, world.at() + 301_000] {
        let frame = Frame {
            at,
            samples: vec![(0, 1.0)],
        };
        assert_eq!(world.ops.meters.take(HOST, frame, true), Taken::Refused);
    }
    assert_eq!(world.ops.meters.counted().refused, 4);
    let frame = Frame {
        at: world.at() + 290_000,
        samples: vec![(0, 1.0)],
    };
    assert_eq!(world.ops.meters.take(HOST, frame, true), Taken::Taken);
    let odd = Frame {
        at: world.at(),
        samples: vec![],
    };
    assert_eq!(
        world.ops.meters.take(&"x".repeat(300), odd, true),
        Taken::Busy
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn no_two_frames_are_kept_at_one_time(db: PgPool) {
    let world = World::new(&db);
    let (memory, _) = world.known().await;
    let at = world.at();
    let frame = |at| Frame {
        at,
        samples: vec![(0, 7.0)],
    };
    let meters = &world.ops.meters;
    assert_eq!(meters.take(HOST, frame(at + 9), false), Taken::Refused);
    assert_eq!(meters.take(HOST, frame(at + 10), false), Taken::Taken);
    let tail = meters.tail(HOST, &[memory], at - 1);
    assert_eq!(tail[&memory].len(), 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_writer_with_too_much_to_do_is_told_all_names_again(db: PgPool) {
    let world = World::new(&db);
    let (memory, _) = world.known().await;
    let mut taken = 1;
    while world.take(&[(0, 5.0)], true) == Taken::Taken {
        taken += 1;
    }
    assert_eq!(taken, MOST_WAITING + 1);
    // Its message is lost.
    world
        .ops
        .meters
        .begin(HOST, &[(8, series("system.memory.limit"))]);
    assert_eq!(world.take(&[(0, 5.0)], true), Taken::Busy);
    assert_eq!(world.ops.meters.counted().dropped_frames, 2);
    finish(&world.ops).await;
    assert_eq!(world.take(&[(0, 6.0), (8, 8.0)], true), Taken::Taken);
    finish(&world.ops).await;
    let limit = world.id("system.memory.limit").await;
    assert_eq!(world.stored(limit).await, [8.0]);
    assert_eq!(world.stored(memory).await.last(), Some(&6.0));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_console_that_does_not_lead_any_more_writes_nothing_and_ends_no_series(db: PgPool) {
    let world = World::new(&db);
    let (memory, _) = world.known().await;
    for value in 2..5_u8 {
        let led = world.take(&[(0, f64::from(value))], true);
        assert_eq!(led, Taken::Taken);
    }
    world.take(&[(0, 5.0)], false);
    finish(&world.ops).await;
    assert_eq!(world.stored(memory).await, [1.0]);
    // It leads again, and nobody stored anything meanwhile.
    world.take(&[(0, 6.0)], true);
    finish(&world.ops).await;
    let all = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    assert_eq!(world.stored(memory).await, all);
    assert_eq!(world.ops.meters.counted().counts.refused, 0);
    let ended = "SELECT count(*) FROM resource_series WHERE ended_at IS NOT NULL";
    let ended: i64 = sqlx::query_scalar(ended).fetch_one(&db).await.unwrap();
    assert_eq!(ended, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_takes_over_stores_what_the_one_before_did_not(db: PgPool) {
    let (one, other) = (World::new(&db), World::new(&db));
    let both = |value: f64| {
        one.take(&[(0, value)], true);
        other.take(&[(0, value)], false);
    };
    both(1.0);
    both(2.0);
    finish(&one.ops).await;
    let memory = one.id("system.memory.usage").await;
    // The first one is killed before it stores these.
    both(3.0);
    both(4.0);
    other.take(&[(0, 5.0)], true);
    finish(&other.ops).await;
    assert_eq!(other.stored(memory).await, [1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(other.ops.meters.counted().counts.refused, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn numbers_are_asked_for_again_after_the_database_was_away(db: PgPool) {
    let mut world = World::new(&db);
    let (memory, container) = world.known().await;
    let here = std::mem::replace(&mut world.ops.db, store::nowhere().await);
    world.take(&[(0, 2.0)], true);
    finish(&world.ops).await;
    // A backup was restored that did not have the series yet.
    let gone = sqlx::query("DELETE FROM resource_series").execute(&db);
    assert_eq!(gone.await.unwrap().rows_affected(), 2);
    world.ops.db = here;
    finish(&world.ops).await;
    world.take(&[(0, 2.0), (7, 2.0)], true);
    let (first, _) = world.ops.meters.subscribe(HOST, None, true).unwrap();
    let ids: Vec<i32> = first[0].samples.iter().map(|(id, _)| *id).collect();
    let new = [
        world.id("system.memory.usage").await,
        world.id("container.memory.usage").await,
    ];
    assert_eq!(ids, new);
    assert!(!new.contains(&memory) && !new.contains(&container));
    // What was held is stored under the new number.
    assert_eq!(world.stored(new[0]).await, [2.0]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_chart_goes_on_from_what_is_stored_to_what_was_heard(db: PgPool) {
    let world = World::new(&db);
    let (memory, _) = world.known().await;
    for value in 2..7_u8 {
        world.take(&[(0, f64::from(value))], true);
        if value == 4 {
            finish(&world.ops).await;
        }
    }
    assert_eq!(world.stored(memory).await, [1.0, 2.0, 3.0, 4.0]);
    let all = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    assert_eq!(values(&world.ops, memory, world.at()).await, all);
    assert_eq!(
        values(&world.ops, memory, world.at() - 1_000).await,
        all[..5],
        "not past its end"
    );
}
