use std::time::Instant;

use ops::{Actor, deployment};
use server::reconcile::spawn_all;
use store::PgPool;
use types::deployment::{HealthState, State};

use crate::{
    engine::{Project, console, service, stack, until},
    gateway::Gateway,
};

const SLEEP: &str = "exec /busybox sleep 1000";

#[sqlx::test(migrations = "../migrations")]
async fn what_happens_by_hand_is_seen_at_once(db: PgPool) {
    let project = Project::new();
    let ops = console(&db, project.host());
    let _loops = spawn_all(&ops);
    until(&db, "the engine answers", || async {
        stack(&ops).await.engine.reachable
    })
    .await;
    let id = project.run("web", &[], SLEEP);
    until(&db, "it runs", || async {
        service(&ops, &project, "web")
            .await
            .is_some_and(|web| web.state == State::Running)
    })
    .await;

    let mut took = Vec::new();
    for _ in 0..10 {
        for (verb, state) in [("kill", State::Exited), ("start", State::Running)] {
            // From when the engine was told; the change itself comes a little later.
            let asked = Instant::now();
            project.docker(&[verb, &id]);
            let command = asked.elapsed();
            until(&db, verb, || async {
                service(&ops, &project, "web")
                    .await
                    .is_some_and(|web| web.state == state)
            })
            .await;
            took.push(asked.elapsed().saturating_sub(command));
        }
    }
    took.sort_unstable();
    println!(
        "seen after the command had ended: median {:?}, worst {:?}",
        took[took.len() / 2],
        took[took.len() - 1]
    );

    let events = || async {
        let system = Actor::system();
        deployment::events(&ops, &system, Some(&project.name), Some("web"), None, 500)
            .await
            .unwrap()
    };
    // What a container became can be known before the event that tells of it.
    until(&db, "every event is told", || async {
        let events = events().await;
        let count = |action: &str| events.iter().filter(|event| event.action == action).count();
        (count("die"), count("start"), count("create")) == (10, 11, 1)
    })
    .await;
    let events = events().await;
    assert!(events.iter().any(|event| event.exit_code == Some(137)));

    project.docker(&["rm", "-f", &id]);
    until(&db, "it is gone", || async {
        service(&ops, &project, "web").await.is_none()
    })
    .await;
}

#[sqlx::test(migrations = "../migrations")]
async fn killed_for_memory_and_unhealthy_are_told_as_such(db: PgPool) {
    let project = Project::new();
    let ops = console(&db, project.host());
    let _loops = spawn_all(&ops);
    until(&db, "the engine answers", || async {
        stack(&ops).await.engine.reachable
    })
    .await;
    project.run(
        "sick",
        &[
            "--health-cmd",
            "/busybox false",
            "--health-interval",
            "1s",
            "--health-retries",
            "1",
        ],
        SLEEP,
    );
    project.run(
        "greedy",
        &["--memory", "16m", "--memory-swap", "16m"],
        "/busybox tail /dev/zero; exit $?",
    );
    project.run(
        "greediest",
        &["--memory", "16m", "--memory-swap", "16m"],
        "exec /busybox tail /dev/zero",
    );
    until(&db, "killed for memory", || async {
        service(&ops, &project, "greediest")
            .await
            .is_some_and(|service| {
                service.oom_killed
                    && service.state == State::Exited
                    && service.exit_code == Some(137)
            })
    })
    .await;
    until(&db, "unhealthy", || async {
        service(&ops, &project, "sick")
            .await
            .is_some_and(|sick| sick.health == HealthState::Unhealthy)
    })
    .await;
    until(&db, "usage is measured", || async {
        let sick = service(&ops, &project, "sick").await.unwrap();
        sick.usage.cpu_percent.is_some() && sick.usage.memory_bytes.is_some_and(|bytes| bytes > 0)
    })
    .await;
}

#[sqlx::test(migrations = "../migrations")]
async fn two_consoles_share_the_work_and_one_takes_over(db: PgPool) {
    let project = Project::new();
    let id = project.run("web", &[], SLEEP);
    let (ops, other) = (console(&db, project.host()), console(&db, project.host()));
    let loops = spawn_all(&ops);
    until(&db, "the first reads", || async {
        service(&ops, &project, "web").await.is_some()
    })
    .await;
    let _loops = spawn_all(&other);
    project.docker(&["kill", &id]);
    until(&db, "the first tells", || async {
        service(&other, &project, "web")
            .await
            .is_some_and(|web| web.state == State::Exited)
    })
    .await;
    drop(loops);
    let left = Instant::now();
    project.docker(&["start", &id]);
    until(&db, "the second takes over", || async {
        service(&ops, &project, "web")
            .await
            .is_some_and(|web| web.state == State::Running)
    })
    .await;
    println!("taken over after {:?}", left.elapsed());
    let [mut one, mut two] = [
        service(&ops, &project, "web").await.unwrap(),
        service(&other, &project, "web").await.unwrap(),
    ];
    // Between the two questions there may be a new reading.
    (one.usage, two.usage) = Default::default();
    assert_eq!(one, two, "both show the same facts");
    let events = || async {
        deployment::events(&ops, &Actor::system(), Some(&project.name), None, None, 500)
            .await
            .unwrap()
    };
    until(&db, "the events follow", || async {
        events().await.len() >= 5
    })
    .await;
    let events = events().await;
    let mut told: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
    told.reverse();
    assert_eq!(
        told,
        ["create", "start", "kill", "die", "start"],
        "each once, and none is lost"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn an_engine_that_goes_away_is_unknown_and_comes_back(db: PgPool) {
    let project = Project::new();
    let id = project.run("web", &[], SLEEP);
    let mut gateway = Gateway::to(project.host());
    gateway.open();
    let ops = console(&db, &gateway.host());
    let _loops = spawn_all(&ops);
    until(&db, "it runs", || async {
        service(&ops, &project, "web")
            .await
            .is_some_and(|web| web.state == State::Running)
    })
    .await;

    let cut = Instant::now();
    gateway.cut();
    until(&db, "unknown", || async {
        !stack(&ops).await.engine.reachable
    })
    .await;
    println!("unknown after {:?}", cut.elapsed());
    let web = service(&ops, &project, "web").await.unwrap();
    assert_eq!(
        (web.state, web.health),
        (State::Unknown, HealthState::Unknown)
    );
    until(&db, "the reason is told", || async {
        let engine = stack(&ops).await.engine.clone();
        engine
            .reason
            .is_some_and(|reason| reason.contains("no socket at") && reason.contains("DOCKER_HOST"))
    })
    .await;
    assert!(stack(&ops).await.engine.as_of.is_some());

    project.docker(&["kill", &id]);
    let opened = Instant::now();
    gateway.open();
    until(&db, "back, with what happened meanwhile", || async {
        service(&ops, &project, "web")
            .await
            .is_some_and(|web| web.state == State::Exited)
    })
    .await;
    println!("back after {:?}", opened.elapsed());
    until(&db, "the event is not lost", || async {
        let events = deployment::events(&ops, &Actor::system(), Some(&project.name), None, None, 9)
            .await
            .unwrap();
        events.iter().any(|event| event.action == "die")
    })
    .await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_database_that_drops_every_connection_is_got_over(db: PgPool) {
    let project = Project::new();
    let id = project.run("web", &[], SLEEP);
    let ops = console(&db, project.host());
    let _loops = spawn_all(&ops);
    let is = |state| {
        let (ops, project) = (&ops, &project);
        async move {
            service(ops, project, "web")
                .await
                .is_some_and(|web| web.state == state)
        }
    };
    until(&db, "it runs", || is(State::Running)).await;
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .execute(&db)
    .await
    .unwrap();
    project.docker(&["kill", &id]);
    until(&db, "it is read again", || is(State::Exited)).await;
    assert!(stack(&ops).await.engine.reachable);
}
