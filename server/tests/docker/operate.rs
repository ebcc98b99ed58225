use ops::{Actor, deployment};
use store::PgPool;
use types::deployment::{Operation, State};

use crate::engine::{Project, answers, console, service};

#[sqlx::test(migrations = "../migrations")]
async fn services_are_stopped_started_and_restarted(db: PgPool) {
    let project = Project::new();
    let script = "trap 'echo stopping; exit 3' TERM; while :; do /busybox sleep 0.1; done";
    let first = project.run("web", &["--stop-timeout", "5"], script);
    project.run("web", &["--stop-timeout", "5"], script);
    let ops = console(&db, project.host());
    deployment::reconcile(&ops).await.unwrap();
    answers(&ops).await;
    let system = Actor::system();
    let run = |operation| deployment::operate(&ops, &system, &project.name, "web", operation);

    run(Operation::Stop).await.unwrap();
    let web = service(&ops, &project, "web").await.unwrap();
    assert_eq!(
        (web.state, web.exit_code),
        (State::Exited, Some(3)),
        "SIGTERM came first"
    );
    assert_eq!((web.containers, web.containers_running), (2, 0));
    run(Operation::Stop).await.unwrap();

    run(Operation::Start).await.unwrap();
    let started = service(&ops, &project, "web").await.unwrap();
    assert_eq!(
        (started.state, started.containers_running),
        (State::Running, 2)
    );
    run(Operation::Restart).await.unwrap();
    let restarted = service(&ops, &project, "web").await.unwrap();
    assert!(restarted.started_at > started.started_at);

    project.docker(&["rm", "-f", &first]);
    let told = run(Operation::Restart).await.unwrap_err().tell("t");
    assert_eq!(told.status(), 404, "{told}");
    assert_eq!(service(&ops, &project, "web").await.unwrap().containers, 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_the_engine_refuses_is_told_in_its_words(db: PgPool) {
    let project = Project::new();
    let label = format!("com.docker.compose.project={}", project.name);
    project.docker(&[
        "create",
        "--network",
        "none",
        "--label",
        &label,
        "--label",
        "com.docker.compose.service=broken",
        crate::engine::IMAGE,
        "/no/such/program",
    ]);
    let ops = console(&db, project.host());
    deployment::reconcile(&ops).await.unwrap();
    let started = deployment::operate(
        &ops,
        &Actor::system(),
        &project.name,
        "broken",
        Operation::Start,
    )
    .await;
    let told = started.unwrap_err().tell("t").to_string();
    assert!(told.contains("/no/such/program"), "{told}");
}
