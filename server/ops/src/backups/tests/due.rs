//! What is due is asked for, once.

use store::PgPool;
use time::{Duration, macros::datetime};

use super::{
    super::{ask_what_is_due, discover, set, update},
    world::World,
};
use crate::{Actor, outside::Clock};

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_that_is_due_is_asked_for_once_and_one_that_was_missed_as_well(db: PgPool) {
    let world = World::new(&db).await;
    // Down for a day: twenty-four runs were missed.
    world.clock.advance(Duration::days(1));
    ask_what_is_due(&world.ops).await.unwrap();
    ask_what_is_due(&world.ops).await.unwrap();
    let asked: i64 = sqlx::query_scalar("SELECT count(*) FROM operation WHERE kind = 'backup'")
        .fetch_one(&db)
        .await
        .unwrap();
    assert_eq!(asked, 1);
    let next = world.only_set().await.next_run.unwrap();
    assert!(next > world.clock.now() && next - world.clock.now() <= Duration::hours(1));
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_person_changed_stays_and_a_wrong_schedule_is_refused(db: PgPool) {
    let world = World::new(&db).await;
    let set_id = world.only_set().await.id;
    let mut settings = world.only_set().await.settings;
    settings.schedule = "0 3 * * *".to_owned();
    settings.time_zone = "Europe/Berlin".to_owned();
    let changed = update(&world.ops, &Actor::system(), set_id, &settings)
        .await
        .unwrap();
    assert_eq!(changed.next_run, Some(datetime!(2026-11-25 02:00 UTC)));
    discover(&world.ops).await.unwrap();
    assert_eq!(world.only_set().await.settings, settings);
    settings.schedule = "0 0 30 2 *".to_owned();
    let refused = update(&world.ops, &Actor::system(), set_id, &settings)
        .await
        .unwrap_err();
    assert!(refused.told().unwrap().of_field("schedule").is_some());
    assert!(set(&world.ops, &Actor::system(), 999).await.is_err());
    world.end().await;
}
