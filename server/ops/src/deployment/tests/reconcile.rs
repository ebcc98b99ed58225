use std::collections::HashMap;

use store::PgPool;
use time::{Duration, OffsetDateTime};
use types::{
    Role,
    deployment::{EngineFault, HealthState, State},
};

use super::world::{START, console, container, id, new, person, service, stack, told};
use crate::{
    deployment::{self, Broken, Readings, measure_once, reconcile},
    outside::{Clock, EngineError, PlainContainer, UsageSample},
};

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_the_same_is_neither_written_nor_told(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine
        .world()
        .make([container(1, "web"), container(2, "db")]);
    reconcile(&ops).await.unwrap();
    let first = told(&db).await;
    // The project, which was not known, and its services.
    assert_eq!(
        first,
        [
            "deployment demo",
            "deployment demo/db",
            "deployment demo/web"
        ]
    );
    for _ in 0..3 {
        clock.advance(Duration::seconds(15));
        reconcile(&ops).await.unwrap();
    }
    assert_eq!(told(&db).await, first);
    assert_eq!(
        store::engine::get(&db).await.unwrap().as_of,
        None,
        "nobody said that it answers"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn since_moves_with_state_and_health_only(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine.world().make([container(1, "web")]);
    answers(&ops).await;
    assert_eq!(
        service(&ops, "web").await.since,
        Some(START - Duration::hours(1)),
        "since it started"
    );

    clock.advance(Duration::minutes(1));
    engine.world().the(1).restarts = 3;
    reconcile(&ops).await.unwrap();
    let web = service(&ops, "web").await;
    assert_eq!(
        (web.restarts, web.since),
        (3, Some(START - Duration::hours(1)))
    );

    clock.advance(Duration::minutes(1));
    engine.world().the(1).health = HealthState::Unhealthy;
    reconcile(&ops).await.unwrap();
    assert_eq!(
        service(&ops, "web").await.since,
        Some(START + Duration::minutes(2))
    );

    clock.advance(Duration::minutes(1));
    let ended = START + Duration::seconds(150);
    {
        let mut world = engine.world();
        let web = world.the(1);
        (web.state, web.finished_at, web.exit_code) = (State::Exited, Some(ended), Some(137));
        web.oom_killed = true;
    }
    reconcile(&ops).await.unwrap();
    let web = service(&ops, "web").await;
    assert_eq!(
        (web.state, web.since, web.exit_code),
        (State::Exited, Some(ended), Some(137))
    );
    assert!(web.oom_killed);
}

/// Since when `web` is what it is, and whether it was so before.
async fn since(ops: &crate::Ops) -> (Option<OffsetDateTime>, bool) {
    let web = service(ops, "web").await;
    (web.since, web.began_before)
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_bad_when_it_was_first_seen_is_not_dated_by_its_start(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine.world().make([container(1, "web")]);
    engine.world().the(1).health = HealthState::Unhealthy;
    answers(&ops).await;
    assert_eq!(since(&ops).await, (Some(START), true), "as it was seen");
    // It stays so, for this console and for the next.
    clock.advance(Duration::hours(1));
    engine.world().the(1).restarts = 1;
    let next = console(&db, &engine, &clock);
    answers(&next).await;
    assert_eq!(since(&next).await, (Some(START), true));
    // What the engine told of it before tells when it began.
    let began = START - Duration::minutes(20);
    sqlx::query(
        "INSERT INTO engine_event (at, time_nano, container_id, project, service, action)
         VALUES ($1, 1, $2, 'demo', 'web', 'health_status: unhealthy')",
    )
    .bind(began)
    .bind(id(1))
    .execute(&db)
    .await
    .unwrap();
    reconcile(&next).await.unwrap();
    assert_eq!(since(&next).await, (Some(began), false));
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_engines_log_of_probes_tells_since_when_one_fails(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    let failed = START - Duration::minutes(5);
    engine
        .world()
        .make([container(1, "web"), container(2, "db")]);
    {
        let mut world = engine.world();
        world.the(1).health = HealthState::Unhealthy;
        world.the(1).failing_since = Some(failed);
        world.the(2).health = HealthState::Unhealthy;
        world.the(2).failing_by = Some(failed);
    }
    answers(&ops).await;
    assert_eq!(since(&ops).await, (Some(failed), false));
    let of_db = service(&ops, "db").await;
    assert_eq!(
        (of_db.since, of_db.began_before),
        (Some(failed), true),
        "it has failed for longer"
    );
    // Seen healthy, then away for an hour: when it turned is not known.
    engine.world().the(2).health = HealthState::Healthy;
    clock.advance(Duration::seconds(15));
    reconcile(&ops).await.unwrap();
    assert!(!service(&ops, "db").await.began_before);
    clock.advance(Duration::hours(1));
    let failing = clock.now() - Duration::minutes(2);
    {
        let mut world = engine.world();
        world.the(2).health = HealthState::Unhealthy;
        world.the(2).failing_by = Some(failing);
    }
    answers(&ops).await;
    let of_db = service(&ops, "db").await;
    assert_eq!((of_db.since, of_db.began_before), (Some(failing), true));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_started_anew_while_nobody_looked_is_dated_anew(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine.world().make([container(1, "web")]);
    answers(&ops).await;
    clock.advance(Duration::hours(1));
    let started = clock.now() - Duration::minutes(7);
    engine.world().the(1).started_at = Some(started);
    answers(&ops).await;
    assert_eq!(since(&ops).await, (Some(started), false));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_vanishes_is_forgotten(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine
        .world()
        .make([container(1, "web"), container(2, "db")]);
    answers(&ops).await;
    engine.world().containers.remove(&id(2));
    reconcile(&ops).await.unwrap();
    assert_eq!(stack(&ops).await.projects[0].services.len(), 1);
    engine.world().containers.clear();
    reconcile(&ops).await.unwrap();
    assert!(
        stack(&ops).await.projects.is_empty(),
        "there is no file that it could be missing from"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_silent_engine_leaves_nothing_green(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine.world().make([container(1, "web")]);
    answers(&ops).await;
    clock.advance(Duration::seconds(10));
    engine.goes_down();
    let broken = deployment::watch_once(&ops).await;
    assert!(
        matches!(broken, Broken::Engine(EngineError::Unreachable { .. })),
        "{broken}"
    );
    deployment::watch::silent(&ops, &EngineError::NotFound)
        .await
        .unwrap();
    let seen = stack(&ops).await;
    assert!(!seen.engine.reachable);
    assert_eq!(seen.engine.fault, Some(EngineFault::Unreachable));
    assert_eq!(seen.engine.as_of, Some(START));
    assert_eq!(
        seen.engine.unreachable_since,
        Some(START + Duration::seconds(10))
    );
    let web = &seen.projects[0].services[0];
    assert_eq!(
        (web.state, web.health, web.since),
        (
            State::Unknown,
            HealthState::Unknown,
            seen.engine.unreachable_since
        )
    );
    assert_eq!(web.image, "web:1", "facts stay");

    let before = told(&db).await.len();
    deployment::watch::silent(&ops, &EngineError::NotFound)
        .await
        .unwrap();
    assert_eq!(told(&db).await.len(), before, "the same silence is no news");
}

#[sqlx::test(migrations = "../../migrations")]
async fn facts_that_nobody_renews_tell_nothing_of_now(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine.world().make([container(1, "web")]);
    answers(&ops).await;
    clock.advance(Duration::seconds(59));
    assert_eq!(service(&ops, "web").await.state, State::Running);
    clock.advance(Duration::seconds(2));
    assert_eq!(service(&ops, "web").await.state, State::Unknown);
    let engine = stack(&ops).await.engine.clone();
    assert_eq!(engine.fault, Some(EngineFault::Stale));
    assert_eq!(engine.as_of, Some(START));
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_the_database_the_last_facts_are_shown_as_such(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([container(1, "web")]);
    answers(&ops).await;
    assert_eq!(service(&ops, "web").await.state, State::Running);
    let other = console(
        &db,
        &engine,
        &std::sync::Arc::new(crate::outside::FixedClock::at(START)),
    );
    db.close().await;
    let seen = stack(&ops).await;
    assert_eq!(seen.projects[0].services[0].state, State::Unknown);
    assert_eq!(seen.projects[0].services[0].image, "web:1");
    assert_eq!(seen.engine.fault, Some(EngineFault::DatabaseAway));
    let detail = deployment::service(&ops, &person(Role::Viewer, &[]), "demo", "web")
        .await
        .unwrap();
    assert!(detail.events.is_empty());
    let fault = deployment::stack(&other, &person(Role::Viewer, &[]))
        .await
        .unwrap_err();
    assert!(matches!(fault.tell("t"), types::Error::Unavailable { .. }));
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_several_containers_the_worst_is_told(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([
        container(1, "web"),
        container(2, "web"),
        container(3, "web"),
    ]);
    {
        let mut world = engine.world();
        world.the(1).team = "frontend".to_owned();
        world.the(2).team = "intruders".to_owned();
        world.the(2).health = HealthState::Unhealthy;
        world.the(2).restarts = 4;
        let run = world.the(3);
        (run.oneoff, run.state) = (true, State::Exited);
    }
    answers(&ops).await;
    let web = service(&ops, "web").await;
    assert_eq!(
        (web.state, web.health),
        (State::Running, HealthState::Unhealthy)
    );
    assert_eq!(
        (web.containers, web.containers_running, web.restarts),
        (2, 2, 4)
    );
    assert_eq!(web.container_id, id(2));
    assert_eq!(
        web.team, "frontend",
        "the oldest container says whose it is"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_team_is_set_in_the_console_or_by_label_or_platform(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine
        .world()
        .make([container(1, "a"), container(2, "b"), container(3, "c")]);
    engine.world().the(1).team = "data".to_owned();
    engine.world().the(2).team = "<b>Data</b>".to_owned();
    engine.world().the(3).team = "data".to_owned();
    sqlx::raw_sql(
        "INSERT INTO team (name, created_at) VALUES ('web', now());
         INSERT INTO service_team SELECT 'demo', 'c', id FROM team WHERE name = 'web'",
    )
    .execute(&db)
    .await
    .unwrap();
    answers(&ops).await;
    let teams: Vec<_> = stack(&ops).await.projects[0]
        .services
        .iter()
        .map(|service| service.team.clone())
        .collect();
    assert_eq!(teams, ["data", "platform", "web"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_readings_tell_what_is_used(db: PgPool) {
    let (ops, engine, clock) = new(&db);
    engine.world().make([
        container(1, "web"),
        container(2, "web"),
        container(3, "off"),
    ]);
    engine.world().the(3).state = State::Exited;
    answers(&ops).await;
    let count = |engine: &super::world::Engine, seconds: u64| {
        let sample = UsageSample {
            at_nano: i128::from(seconds) * 1_000_000_000,
            cpu_ns: Some(seconds * 500_000_000),
            memory_bytes: Some(1_000),
            ..UsageSample::default()
        };
        engine.world().counters = HashMap::from([(id(1), sample), (id(2), sample)])
            .into_iter()
            .collect();
    };
    let mut readings = Readings::new();
    count(&engine, 10);
    measure_once(&ops, &mut readings).await.unwrap();
    let first = service(&ops, "web").await.usage;
    assert_eq!((first.cpu_percent, first.memory_bytes), (None, Some(2_000)));
    count(&engine, 12);
    measure_once(&ops, &mut readings).await.unwrap();
    assert_eq!(service(&ops, "web").await.usage.cpu_percent, Some(100.0));
    assert_eq!(service(&ops, "off").await.usage.memory_bytes, None);
    assert_eq!(
        told(&db)
            .await
            .iter()
            .filter(|change| *change == "usage ")
            .count(),
        2
    );

    clock.advance(Duration::seconds(59));
    answers(&ops).await;
    assert_eq!(service(&ops, "web").await.usage.cpu_percent, Some(100.0));
    clock.advance(Duration::seconds(2));
    assert_eq!(
        service(&ops, "web").await.usage.cpu_percent,
        None,
        "that was then"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_plain_container_uses_is_told_to_the_collector_alone(db: PgPool) {
    let (ops, engine, _) = new(&db);
    engine.world().make([container(1, "web")]);
    engine.world().plain = vec![PlainContainer {
        id: id(2),
        name: "llm".to_owned(),
    }];
    let sample = UsageSample {
        memory_bytes: Some(1_000),
        ..UsageSample::default()
    };
    engine.world().counters = [(id(1), sample), (id(2), sample)].into_iter().collect();
    answers(&ops).await;
    let mut readings = Readings::new();
    measure_once(&ops, &mut readings).await.unwrap();
    let mut told: Vec<String> = (ops.meters.take_engine().into_iter())
        .map(|(id, _)| id)
        .collect();
    told.sort();
    assert_eq!(told, [id(1), id(2)]);
    assert_eq!(readings.len(), 1);
    assert_eq!(service(&ops, "web").await.usage.memory_bytes, Some(1_000));
}

/// The engine answers, and everything was read.
async fn answers(ops: &crate::Ops) {
    reconcile(ops).await.unwrap();
    super::world::answers(ops).await;
}
