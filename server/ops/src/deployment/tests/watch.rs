use store::PgPool;
use tokio::task::JoinHandle;
use types::deployment::State;

use super::world::{START, console, container, id, new, service, stack, told, until};
use crate::{
    Actor, Ops,
    deployment::{events, watch},
};

/// Follows the engine aside, until dropped.
struct Watching(JoinHandle<()>);

impl Watching {
    fn start(ops: &Ops) -> Self {
        let ops = ops.clone();
        Self(tokio::spawn(async move { watch(&ops).await }))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn until_reachable(db: &PgPool, reachable: bool) {
    until(db, || async {
        store::engine::get(db).await.unwrap().reachable == reachable
    })
    .await;
}

/// An event's time, some nanoseconds after the test began.
fn nano(after: i64) -> i64 {
    START.unix_timestamp() * 1_000_000_000 + after
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_event_is_stored_told_and_changes_its_container(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([container(1, "web")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    let before = told(&db).await.len();
    engine.happens(&id(1), "die", nano(5), |web| {
        (web.state, web.exit_code) = (State::Exited, Some(1));
    });
    until(&db, || async { told(&db).await.len() > before }).await;
    assert_eq!(told(&db).await[before..], ["deployment demo/web"]);
    assert_eq!(service(&ops, "web").await.state, State::Exited);
    let told = events(&ops, &Actor::system(), Some("demo"), Some("web"), None, 10)
        .await
        .unwrap();
    assert_eq!(
        (told[0].action.as_str(), told[0].exit_code),
        ("die", Some(1))
    );

    engine.happens(&id(1), "destroy", nano(6), |_| {});
    until(&db, || async { stack(&ops).await.projects.is_empty() }).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_consoles_double_nothing(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    let other = console(&db, &engine, &clock);
    engine.world().make([container(1, "web")]);
    let _watching = [Watching::start(&ops), Watching::start(&other)];
    engine.is_followed_by(2).await;
    until_reachable(&db, true).await;
    for number in 1..=20 {
        engine.happens(&id(1), "restart", nano(number), |web| web.restarts += 1);
    }
    until(&db, || async {
        events(&ops, &Actor::system(), None, None, None, 100)
            .await
            .unwrap()
            .len()
            >= 20
            && service(&ops, "web").await.restarts == 20
    })
    .await;
    let kept = events(&ops, &Actor::system(), None, None, None, 100)
        .await
        .unwrap();
    assert_eq!(kept.len(), 20);
    assert_eq!(*stack(&ops).await, *stack(&other).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_engine_that_goes_and_comes_back_is_followed_from_where_it_was(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([container(1, "web")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    engine.happens(&id(1), "pause", nano(7), |web| web.state = State::Paused);
    until(&db, || async {
        service(&ops, "web").await.state == State::Paused
    })
    .await;

    engine.goes_down();
    until_reachable(&db, false).await;
    assert_eq!(service(&ops, "web").await.state, State::Unknown);
    let reason = stack(&ops).await.engine.reason.clone();
    assert_eq!(reason.as_deref(), Some("It sleeps. Wake it."));

    // What happens meanwhile is told by nobody, and still known afterwards.
    engine.happens(&id(1), "unpause", nano(8), |web| web.state = State::Running);
    engine.world().down = false;
    until_reachable(&db, true).await;
    assert_eq!(service(&ops, "web").await.state, State::Running);
    assert_eq!(engine.world().asked_since.last(), Some(&nano(7)));
    until(&db, || async {
        events(&ops, &Actor::system(), None, None, None, 9)
            .await
            .unwrap()
            .len()
            == 2
    })
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_event_that_can_not_be_read_has_everything_read_anew(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([container(1, "web")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    engine.world().make([container(2, "unheard-of")]);
    engine.happens(&id(2), "start", nano(1), |_| {});
    until(&db, || async {
        stack(&ops).await.projects[0].services.len() == 2
    })
    .await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn events_are_paged_by_id(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine
        .world()
        .make([container(1, "web"), container(2, "db")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    for number in 0..4 {
        engine.happens(&id(1 + number % 2), "kill", nano(i64::from(number)), |_| {});
    }
    let all = || async {
        events(&ops, &Actor::system(), None, None, None, 900)
            .await
            .unwrap()
    };
    until(&db, || async { all().await.len() == 4 }).await;
    let all = all().await;
    assert!(
        all.windows(2).all(|pair| pair[0].id > pair[1].id),
        "the newest first"
    );
    let page = events(&ops, &Actor::system(), None, None, Some(all[1].id), 1)
        .await
        .unwrap();
    assert_eq!(page, all[2..3]);
    let of_web = events(&ops, &Actor::system(), Some("demo"), Some("web"), None, 9)
        .await
        .unwrap();
    assert_eq!(of_web.len(), 2);
    for wrong in ["\0", "'; DROP TABLE engine_event; --"] {
        assert!(
            events(&ops, &Actor::system(), Some(wrong), None, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_container_that_the_engine_hangs_on_blinds_nobody(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine
        .world()
        .make([container(1, "web"), container(2, "db")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    engine.world().stuck.insert(id(1));
    engine.happens(&id(1), "kill", nano(1), |_| {});
    engine.happens(&id(2), "pause", nano(2), |db| db.state = State::Paused);
    // The engine never tells of the one, and the other is seen all the same.
    until(&db, || async {
        service(&ops, "db").await.state == State::Paused
    })
    .await;
    engine.happens(&id(1), "kill", nano(3), |_| {});
    engine.happens(&id(2), "unpause", nano(4), |db| db.state = State::Running);
    until(&db, || async {
        service(&ops, "db").await.state == State::Running
    })
    .await;
    // All events are kept, the engine counts as reachable, and of the one nothing is claimed.
    until(&db, || async {
        let told = events(&ops, &Actor::system(), None, None, None, 9).await;
        told.unwrap().len() == 4 && service(&ops, "web").await.state == State::Unknown
    })
    .await;
    assert!(store::engine::get(&db).await.unwrap().reachable);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_container_that_is_not_told_in_time_is_unknown_and_keeps_its_facts(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine
        .world()
        .make([container(1, "web"), container(2, "db")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    engine.world().slow.insert(id(1));
    engine.happens(&id(1), "kill", nano(1), |_| {});
    until(&db, || async {
        service(&ops, "web").await.state == State::Unknown
    })
    .await;
    let web = service(&ops, "web").await;
    assert_eq!((web.image.as_str(), web.drift.len()), ("web:1", 0));
    assert!(web.started_at.is_some(), "what was known stays");
    assert_eq!(service(&ops, "db").await.state, State::Running);

    crate::deployment::reconcile(&ops).await.unwrap();
    assert!(service(&ops, "web").await.started_at.is_some());
    engine.world().slow.clear();
    crate::deployment::reconcile(&ops).await.unwrap();
    assert_eq!(service(&ops, "web").await.state, State::Running);
}
