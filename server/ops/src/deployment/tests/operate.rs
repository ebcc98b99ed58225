use std::sync::Arc;

use store::PgPool;
use tokio::sync::Semaphore;
use types::{
    Error, Role,
    deployment::{Operation, Progress, State},
};

use super::world::{START, answers, container, id, new, person, service, until};
use crate::{
    Actor, Fault, Ops, Who,
    deployment::{self, operate, operate::operate_within, reconcile},
};

async fn prepared(db: &PgPool) -> (Ops, super::world::Engine) {
    let (ops, engine, _) = new(db);
    engine
        .world()
        .make([container(1, "web"), container(2, "web"), container(3, "db")]);
    engine.world().the(1).team = "frontend".to_owned();
    reconcile(&ops).await.unwrap();
    answers(&ops).await;
    (ops, engine)
}

fn who_proved(mut actor: Actor) -> Actor {
    actor.who = Who::User {
        id: 7,
        session: Vec::new(),
        proved_at: Some(START),
        has_second_factor: false,
    };
    actor
}

/// The audit log as `action target team result reason-or-phase`.
async fn log(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT concat_ws(' ', action, target, team, result,
                          coalesce(detail::jsonb->>'phase', detail::jsonb->>'reason'))
         FROM audit ORDER BY id",
    )
    .fetch_all(db)
    .await
    .unwrap()
}

fn error(done: Result<Progress, Fault>) -> Error {
    done.unwrap_err().tell("t")
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_lead_restarts_all_containers_of_an_own_service(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    let lead = person(Role::TeamLead, &["frontend"]);
    operate(&ops, &lead, "demo", "web", Operation::Restart)
        .await
        .unwrap();
    let operated = engine.world().operated.clone();
    assert_eq!(operated.len(), 2);
    assert!(
        operated
            .iter()
            .all(|(_, operation)| *operation == Operation::Restart)
    );
    assert_eq!(
        log(&db).await,
        [
            "service.restart service demo/web frontend success asked",
            "service.restart service demo/web frontend success done"
        ]
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_may_not_is_refused_told_why_and_written_down(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    for (actor, why) in [
        (
            person(Role::Viewer, &["frontend"]),
            "Your role sees services only",
        ),
        (
            person(Role::Engineer, &["frontend"]),
            "in this version. Ask a lead of frontend or a CTO.",
        ),
        (
            person(Role::TeamLead, &["data"]),
            "team frontend, which is not yours",
        ),
    ] {
        // The same refusal of the same person is written once a minute.
        let actor = Actor {
            name: why.to_owned(),
            ..actor
        };
        for operation in [Operation::Start, Operation::Stop, Operation::Restart] {
            let refused =
                error(operate(&ops, &who_proved(actor.clone()), "demo", "web", operation).await);
            assert_eq!(refused.status(), 403);
        }
        let detail = deployment::service(&ops, &actor, "demo", "web")
            .await
            .unwrap();
        assert!(detail.may_not_operate.unwrap().contains(why));
    }
    assert!(engine.world().operated.is_empty());
    let log = log(&db).await;
    assert_eq!(log.len(), 9);
    assert!(
        log.iter()
            .all(|line| line.ends_with("frontend refused forbidden")),
        "{log:?}"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn stopping_needs_proof(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    let cto = person(Role::Cto, &[]);
    let refused = error(operate(&ops, &cto, "demo", "db", Operation::Stop).await);
    assert_eq!(refused, Error::StepUpRequired);
    assert!(engine.world().operated.is_empty());

    operate(
        &ops,
        &who_proved(cto.clone()),
        "demo",
        "db",
        Operation::Stop,
    )
    .await
    .unwrap();
    assert_eq!(engine.world().operated, [(id(3), Operation::Stop)]);
    assert_eq!(
        service(&ops, "db").await.state,
        State::Exited,
        "shown at once"
    );
    operate(&ops, &cto, "demo", "db", Operation::Start)
        .await
        .unwrap();
    assert_eq!(service(&ops, "db").await.state, State::Running);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_the_engine_says_is_told_and_written_down(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    let cto = person(Role::Cto, &[]);
    engine.world().refuses = Some("port is already allocated\u{1b}[31m".to_owned());
    let told = error(operate(&ops, &cto, "demo", "db", Operation::Start).await);
    assert_eq!(
        told,
        Error::conflict("The Docker Engine refused: port is already allocated[31m")
    );
    engine.world().down = true;
    let told = error(operate(&ops, &cto, "demo", "db", Operation::Start).await);
    assert_eq!(told.status(), 503);
    assert!(told.to_string().contains("Wake it."), "{told}");
    let log = log(&db).await;
    assert_eq!(
        log[1],
        "service.start service demo/db platform failure failed"
    );
    assert_eq!(log.len(), 4);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_stop_that_takes_its_grace_goes_on_and_is_written_down(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    let gate = Arc::new(Semaphore::new(0));
    engine.world().gate = Some(Arc::clone(&gate));
    let cto = who_proved(person(Role::Cto, &[]));
    let soon = std::time::Duration::from_millis(20);
    let answered = operate_within(soon, &ops, &cto, ("demo", "db"), Operation::Stop);
    assert_eq!(answered.await.unwrap(), Progress::UnderWay);
    assert_eq!(
        log(&db).await,
        ["service.stop service demo/db platform success asked"]
    );
    gate.add_permits(1);
    until(&db, || async { log(&db).await.len() == 2 }).await;
    assert_eq!(
        log(&db).await[1],
        "service.stop service demo/db platform success done"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_console_that_stops_waits_for_the_end_or_writes_that_it_did_not(db: PgPool) {
    let (ops, engine) = prepared(&db).await;
    let gate = Arc::new(Semaphore::new(0));
    engine.world().gate = Some(Arc::clone(&gate));
    let cto = who_proved(person(Role::Cto, &[]));
    let soon = std::time::Duration::from_millis(20);
    let asked = async || {
        let answered = operate_within(soon, &ops, &cto, ("demo", "db"), Operation::Stop);
        assert_eq!(answered.await.unwrap(), Progress::UnderWay);
    };
    asked().await;
    let mut ended = std::pin::pin!(ops.under_way.ended());
    assert!(
        futures::poll!(ended.as_mut()).is_pending(),
        "one is under way"
    );
    gate.add_permits(1);
    ended.await;
    asked().await;
    ops.under_way.give_up();
    ops.under_way.ended().await;
    assert_eq!(
        log(&db).await,
        [
            "service.stop service demo/db platform success asked",
            "service.stop service demo/db platform success done",
            "service.stop service demo/db platform success asked",
            "service.stop service demo/db platform failure unknown",
        ]
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_not_there_is_not_operated(db: PgPool) {
    let (ops, _) = prepared(&db).await;
    let cto = person(Role::Cto, &[]);
    for (project, service) in [("demo", "none"), ("none", "web"), ("", ""), ("demo", "\0'")] {
        let told = error(operate(&ops, &cto, project, service, Operation::Start).await);
        assert_eq!(told.status(), 404);
        assert_eq!(
            deployment::service(&ops, &cto, project, service)
                .await
                .unwrap_err()
                .tell("t")
                .status(),
            404
        );
    }
    assert!(log(&db).await.is_empty());
}
