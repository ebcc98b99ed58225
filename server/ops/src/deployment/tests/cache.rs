use std::sync::Arc;

use futures::poll;
use store::PgPool;
use time::Duration;
use types::{deployment::State, live::Topic};

use super::world::{START, answers, console, container, id, new, service, until};
use crate::{
    Actor, Ops,
    deployment::{reconcile, stack},
    outside::FixedClock,
};

/// The state of `web` as whoever asks now is told.
async fn state(ops: &Ops) -> State {
    let stack = stack(ops, &Actor::system()).await.unwrap();
    stack.projects[0].services[0].state
}

/// Someone asks, and goes away while the database is read.
async fn give_up(ops: &Ops) {
    let actor = Actor::system();
    let mut asking = Box::pin(stack(ops, &actor));
    assert!(poll!(&mut asking).is_pending(), "it reads");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_reading_that_is_given_up_loses_no_change(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([container(1, "web")]);
    reconcile(&ops).await.unwrap();
    answers(&ops).await;
    assert_eq!(state(&ops).await, State::Running);

    engine.world().the(1).state = State::Paused;
    reconcile(&ops).await.unwrap();
    ops.stack.forget();
    give_up(&ops).await;
    assert_eq!(state(&ops).await, State::Paused, "what was forgotten");

    let _following = tokio::spawn(ops.live.clone().follow(db.clone()));
    until(&db, || async { ops.live.head().is_some() }).await;
    // So that nothing is owed but what is heard of next.
    assert_eq!(state(&ops).await, State::Paused);
    let mut heard = ops.live.subscribe();
    engine.world().the(1).state = State::Exited;
    reconcile(&ops).await.unwrap();
    while heard.recv().await.unwrap().topic != Topic::Deployment {}
    give_up(&ops).await;
    assert_eq!(state(&ops).await, State::Exited, "what was heard of");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_database_that_is_back_is_read_at_once_and_pages_are_told(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([container(1, "web")]);
    reconcile(&ops).await.unwrap();
    answers(&ops).await;
    assert_eq!(state(&ops).await, State::Running);
    let rename = async |text: &'static str| sqlx::query(text).execute(&db).await.unwrap();
    rename("ALTER TABLE engine RENAME TO engine_away").await;
    ops.stack.forget();
    assert_eq!(state(&ops).await, State::Unknown);
    rename("ALTER TABLE engine_away RENAME TO engine").await;
    // The database's notices are heard again.
    ops.live.tell_again();
    let told = ops.live.deaf();
    assert_eq!(state(&ops).await, State::Running);
    assert!(
        told.has_changed().unwrap(),
        "others were told that it is away"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_console_whose_clock_is_ahead_holds_back_nobody(db: PgPool) {
    let (ops, engine, _) = new(&db);
    let ahead = console(
        &db,
        &engine,
        &Arc::new(FixedClock::at(START + Duration::minutes(5))),
    );
    engine.world().make([container(1, "web")]);
    reconcile(&ahead).await.unwrap();
    answers(&ahead).await;
    engine.world().the(1).state = State::Paused;
    reconcile(&ops).await.unwrap();
    assert_eq!(service(&ops, "web").await.state, State::Paused);
    let engine_now = store::engine::get(&db).await.unwrap();
    assert_eq!(
        engine_now.as_of,
        Some(START),
        "and so is what is shown of it"
    );
    engine.world().containers.remove(&id(1));
    reconcile(&ops).await.unwrap();
    assert!(store::containers::versions(&db).await.unwrap().is_empty());
}
