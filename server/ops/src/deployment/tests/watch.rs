use store::PgPool;
use time::Duration;
use tokio::task::JoinHandle;
use types::{
    Role,
    deployment::{EngineEvent, Operation, State},
};

use super::world::{START, console, container, id, new, person, service, stack, told, until};
use crate::{
    Actor, Ops,
    deployment::{self, events, operate, watch},
    outside::Container,
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

/// Seconds after the test began, as an event's time.
fn second(after: i64) -> i64 {
    nano(after * 1_000_000_000)
}

async fn until_kept(db: &PgPool, ops: &Ops, number: usize) -> Vec<EngineEvent> {
    let kept = || async {
        events(ops, &Actor::system(), None, None, None, 100)
            .await
            .unwrap()
    };
    until(db, || async { kept().await.len() >= number }).await;
    kept().await
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_crash_that_is_mended_stays_known_and_warns_for_a_while(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine.world().make([container(1, "web")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    engine.happens(&id(1), "oom", second(-61), |_| {});
    engine.happens(&id(1), "die", second(-60), |web| web.exit_code = Some(137));
    engine.happens(&id(1), "start", second(-59), |web| web.exit_code = None);
    until_kept(&db, &ops, 3).await;
    let end = service(&ops, "web").await.last_end.unwrap();
    assert_eq!(
        (end.at, end.exit_code),
        (START - Duration::minutes(1), Some(137))
    );
    assert!(end.oom_killed && end.is_warning && !end.is_deliberate);
    // It is known to the next console, and is no warning for ever.
    clock.advance(Duration::minutes(15));
    deployment::reconcile(&ops).await.unwrap();
    super::world::answers(&ops).await;
    let next = console(&db, &engine, &clock);
    let end = service(&next, "web").await.last_end.unwrap();
    assert!(end.oom_killed && !end.is_warning);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_stop_on_purpose_is_told_from_an_end(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine
        .world()
        .make([container(1, "web"), container(2, "db")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    let ends = |web: &mut Container| (web.state, web.exit_code) = (State::Exited, Some(0));
    engine.happens(&id(1), "kill", second(1), |_| {});
    // The engine may tell of the stop first.
    engine.happens(&id(1), "stop", second(2), |_| {});
    engine.happens(&id(1), "die", second(2) + 5, ends);
    engine.happens(&id(2), "die", second(2), ends);
    until_kept(&db, &ops, 4).await;
    assert!(service(&ops, "web").await.was_stopped());
    assert!(!service(&ops, "db").await.was_stopped());
    // An end that is not of the last stop is one of its own.
    engine.happens(&id(1), "start", second(30), |web| {
        web.state = State::Running;
    });
    engine.happens(&id(1), "die", second(40), ends);
    until_kept(&db, &ops, 6).await;
    assert!(!service(&ops, "web").await.was_stopped());
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_event_names_who_asked_for_it_through_the_console(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine
        .world()
        .make([container(1, "web"), container(2, "db")]);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    sqlx::raw_sql(
        "INSERT INTO users (id, email, name, role, password_hash, created_at) OVERRIDING SYSTEM VALUE
         VALUES (7, 'ada@example.com', 'Ada Lovelace', 'cto', '', now())",
    )
    .execute(&db)
    .await
    .unwrap();
    let ada = Actor {
        name: "ada@example.com".to_owned(),
        ..person(Role::Cto, &[])
    };
    operate(&ops, &ada, "demo", "web", Operation::Restart)
        .await
        .unwrap();
    for (number, action) in ["kill", "die", "stop", "start", "restart", "pause"]
        .iter()
        .enumerate()
    {
        let number = i64::try_from(number).unwrap();
        engine.happens(&id(1), action, nano(number), |_| {});
    }
    engine.happens(&id(2), "restart", nano(9), |_| {});
    // Long after it has ended it is none of hers.
    clock.advance(Duration::minutes(5));
    engine.happens(&id(1), "restart", second(300), |_| {});
    let kept = until_kept(&db, &ops, 8).await;
    let by = kept.iter().map(|event| event.asked_by.as_deref());
    let (ada, nobody) = (Some("Ada Lovelace"), None);
    assert_eq!(
        by.collect::<Vec<_>>(),
        [nobody, nobody, nobody, ada, ada, ada, ada, ada]
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_update_says_what_it_changed(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([container(1, "web")]);
    engine.world().the(1).memory_limit_bytes = Some(32 << 20);
    let _watching = Watching::start(&ops);
    until_reachable(&db, true).await;
    engine.happens(&id(1), "update", nano(1), |web| {
        web.memory_limit_bytes = Some(64 << 20);
        web.cpu_limit = Some(0.5);
    });
    until_kept(&db, &ops, 1).await;
    engine.happens(&id(1), "update", nano(2), |_| {});
    let kept = until_kept(&db, &ops, 2).await;
    assert_eq!(
        kept[1].detail,
        "CPU limit from none to 0.5 cores, memory limit from 32.0 MiB to 64.0 MiB"
    );
    assert_eq!(kept[0].detail, "");
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

    deployment::reconcile(&ops).await.unwrap();
    assert!(service(&ops, "web").await.started_at.is_some());
    engine.world().slow.clear();
    deployment::reconcile(&ops).await.unwrap();
    assert_eq!(service(&ops, "web").await.state, State::Running);
}
