use store::PgPool;
use time::Duration;
use types::resources::Frame;

use super::{HOST, SECOND, World, same};
use crate::resources::Writer;

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_taken_is_read_back_while_it_is_open_in_parts_and_in_hours(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    for _ in 0..440 {
        world.send(10, SECOND);
        world.flush().await;
    }
    for number in 0..3 {
        assert!(
            same(&world.stored(number, start).await, world.sent(number)),
            "{number}"
        );
    }
    let rows = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM sample_block");
    let rows = rows.fetch_one(&db).await.unwrap();
    // One of the hour that has ended, one of each part of the hour that has not.
    assert!((2..=6).contains(&rows), "{rows}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_console_that_is_killed_loses_what_was_not_flushed_and_goes_on(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    for _ in 0..30 {
        world.send(10, SECOND);
        world.flush().await;
        let kept = world.sent.clone();
        world.send(9, SECOND);
        world.sent = kept;
        world.killed();
    }
    assert!(same(&world.stored(0, start).await, world.sent(0)));
    world.flush().await;
    let rows = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM resource_series");
    assert_eq!(
        rows.fetch_one(&db).await.unwrap(),
        3,
        "no series is there twice"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_clock_that_jumps_back_neither_overwrites_nor_doubles(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    world.send(400, SECOND);
    world.flush().await;
    let newest = world.sent(0).last().unwrap().0;
    for at in [newest, newest - 1, newest - 100_000, start - 1, -5] {
        world.send_at(at);
    }
    assert_eq!(world.writer.counts().refused, 15);
    world.flush().await;
    world.killed();
    // A new writer does not know yet how far the old one was.
    world.send_at(newest - 50_000);
    world.send_at(newest);
    world.flush().await;
    assert_eq!(world.writer.counts().refused, 6);
    world.send(20, SECOND);
    world.flush().await;
    assert!(same(&world.stored(0, start).await, world.sent(0)));
    world.send_at(world.now() + 3_600_000);
    assert_eq!(world.writer.counts().refused, 9, "nor is next hour taken");
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_two_writers_the_second_goes_on_after_the_first(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    let mut other = Writer::default();
    std::mem::swap(&mut world.writer, &mut other);
    world.name_all();
    for _ in 0..60 {
        world.send(5, SECOND);
        world.flush().await;
        std::mem::swap(&mut world.writer, &mut other);
    }
    assert!(same(&world.stored(0, start).await, world.sent(0)));
    // One that still holds what the other has written meanwhile.
    world.send(5, SECOND);
    std::mem::swap(&mut world.writer, &mut other);
    let newest = world.sent(0).last().unwrap().0;
    world.send_at(newest);
    world.flush().await;
    std::mem::swap(&mut world.writer, &mut other);
    world.flush().await;
    let times: Vec<i64> = world
        .stored(0, start)
        .await
        .iter()
        .map(|(at, _)| *at)
        .collect();
    assert!(times.is_sorted_by(|a, b| a < b));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_database_that_was_away_gets_what_was_kept_for_it(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    world.send(100, SECOND);
    world.flush().await;
    let here = world.ops.db.clone();
    world.ops.db = store::nowhere().await;
    for _ in 0..60 {
        world.send(10, SECOND);
        assert!(world.writer.flush(&world.ops).await.is_err());
    }
    world.ops.db = here.clone();
    world.flush().await;
    assert!(same(&world.stored(0, start).await, world.sent(0)));
    assert_eq!(world.writer.counts().dropped_frames, 0);

    world.ops.db = store::nowhere().await;
    for _ in 0..150 {
        world.send(10, SECOND);
        assert!(world.writer.flush(&world.ops).await.is_err());
    }
    world.ops.db = here;
    world.flush().await;
    let dropped = usize::try_from(world.writer.counts().dropped_frames).unwrap();
    assert!((600..=630).contains(&dropped), "{dropped}");
    let mut left = world.sent(0).to_vec();
    left.drain(700..700 + dropped);
    assert!(
        same(&world.stored(0, start).await, &left),
        "the oldest of them went"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_transaction_whose_end_was_not_heard_is_not_written_twice(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    world.send(50, SECOND);
    world.flush().await;
    world.send(50, SECOND);
    // The same samples get there by a writer whose answer this one never hears.
    let ahead =
        sqlx::query("UPDATE resource_host SET stored_until = stored_until + 20500 WHERE name = $1");
    ahead.bind(HOST).execute(&db).await.unwrap();
    world.flush().await;
    let mut left = world.sent(0).to_vec();
    left.drain(50..70);
    assert!(same(&world.stored(0, start).await, &left));
    assert!(world.writer.counts().refused > 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_the_database_would_refuse_holds_nothing_else_up(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    let mut odd = super::series(0);
    for name in [String::new(), "x".repeat(201), "a\0b".to_owned()] {
        odd.key.name = name;
        world.writer.name(HOST, 9, odd.clone());
    }
    odd = super::series(0);
    odd.key
        .attributes
        .insert("path".to_owned(), "é".repeat(1_001));
    world.writer.name(HOST, 9, odd.clone());
    odd.key
        .attributes
        .insert("path".to_owned(), "\"\\\n".repeat(150));
    world.writer.name(HOST, 10, odd);
    world.writer.name(&"h".repeat(300), 1, super::series(0));
    world.send(30, SECOND);
    world.flush().await;
    assert!(same(&world.stored(0, start).await, world.sent(0)));
    world.send(200, Duration::SECOND);
    world.flush().await;
    assert!(same(&world.stored(1, start).await, world.sent(1)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn no_host_waits_for_the_full_hour_of_another(db: PgPool) {
    let mut world = World::new(&db);
    world.writer.name("gpu-2", 0, super::series(0));
    // No hour can be settled, as if the database went while it was.
    let trigger = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '57P01'; END $$;
         CREATE TRIGGER refuse BEFORE UPDATE OF second_until ON resource_host
         FOR EACH ROW EXECUTE FUNCTION refuse()";
    sqlx::raw_sql(trigger).execute(&db).await.unwrap();
    world.send(5, SECOND);
    let at = world.now();
    let frame = Frame {
        at,
        samples: vec![(0, 0.5)],
    };
    world.writer.take("gpu-2", &frame, at);
    assert!(world.writer.flush(&world.ops).await.is_err());
    let stored = store::samples::hosts::stored_until(&db, "gpu-2").await;
    assert_eq!(stored.unwrap(), at);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_flush_that_was_given_up_has_not_written_is_written_by_the_next(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    world.send(10, SECOND);
    world.flush().await;
    world.send(10, SECOND);
    let mut holder = db.begin().await.unwrap();
    sqlx::query("SELECT FROM resource_host FOR UPDATE")
        .execute(&mut *holder)
        .await
        .unwrap();
    let waited = std::time::Duration::from_millis(100);
    let flushed = tokio::time::timeout(waited, world.writer.flush(&world.ops)).await;
    assert!(flushed.is_err(), "it waits for the lock");
    world.writer.forget_places();
    holder.rollback().await.unwrap();
    world.send(10, SECOND);
    world.flush().await;
    assert!(same(&world.stored(0, start).await, world.sent(0)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_series_that_no_index_takes_holds_nothing_else_up(db: PgPool) {
    let mut world = World::new(&db);
    let start = world.now();
    let mut odd = super::series(0);
    // Three bytes a character, and nothing in them that could be compressed.
    let mut dice = 7_u32;
    let text: String = std::iter::repeat_with(|| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x4e00 + (dice >> 16) % 20_000).unwrap()
    })
    .take(900)
    .collect();
    odd.key.attributes.insert("path".to_owned(), text);
    world.writer.name(HOST, 9, odd);
    world.send(30, SECOND);
    world.flush().await;
    assert!(same(&world.stored(0, start).await, world.sent(0)));
}
