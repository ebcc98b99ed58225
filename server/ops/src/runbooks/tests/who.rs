//! Who may carry out a plan, and two at once.

use store::PgPool;
use types::{
    Error, Role,
    runbooks::{Act, Plan, RunPhase, StepPhase},
};

use super::{
    super::{abandon, act, rehearse, start},
    Console, is_conflict, person,
};
use crate::{Actor, actor::Who};

const PLAN: Plan = Plan::DatabaseCorruption;

fn is_forbidden<T: std::fmt::Debug>(outcome: crate::Outcome<T>) -> bool {
    let refused = outcome.unwrap_err();
    matches!(refused.told(), Some(Error::Forbidden { .. }))
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_who_may_restore_it_and_with_a_proof(db: PgPool) {
    let console = Console::new(&db).await;
    console.world.back_up().await;
    let ops = &console.ops;
    let of = console.subject(PLAN).await;
    let lead = |teams: &[&str]| Actor {
        teams: teams.iter().map(|&team| team.to_owned()).collect(),
        ..person(Role::TeamLead, &console.world)
    };
    let token = Actor {
        who: Who::Token { id: 1 },
        ..console.cto.clone()
    };
    let unproved = Actor {
        who: Who::User {
            id: 1,
            session: Vec::new(),
            proved_at: None,
            has_second_factor: false,
        },
        ..console.cto.clone()
    };
    for other in [
        person(Role::Engineer, &console.world),
        person(Role::Viewer, &console.world),
        lead(&["video"]),
        token.clone(),
    ] {
        assert!(is_forbidden(start(ops, &other, PLAN, &of, "console").await));
        assert!(is_forbidden(rehearse(ops, &other, PLAN, &of).await));
    }
    let refused = start(ops, &unproved, PLAN, &of, "console")
        .await
        .unwrap_err();
    assert_eq!(refused.told(), Some(&Error::StepUpRequired));
    let refused = start(ops, &console.cto, PLAN, &of, "other")
        .await
        .unwrap_err();
    assert!(refused.told().unwrap().of_field("typed_name").is_some());
    let refused = start(ops, &console.cto, PLAN, "set 999", "x")
        .await
        .unwrap_err();
    assert!(refused.told().unwrap().of_field("of").is_some());

    let id = start(ops, &lead(&["platform"]), PLAN, &of, "console")
        .await
        .unwrap();
    for other in [lead(&["video"]), token] {
        assert!(is_forbidden(act(ops, &other, id, 1, Act::Check, "").await));
        assert!(is_forbidden(abandon(ops, &other, id, "why").await));
    }
    console.act(id, 1, Act::Check, "").await.unwrap();
    let refused = act(ops, &unproved, id, 2, Act::Begin, "")
        .await
        .unwrap_err();
    assert_eq!(refused.told(), Some(&Error::StepUpRequired));
    assert_eq!(console.phases(id).await[1], StepPhase::Pending);
    // A rehearsal changes nothing, and asks for no proof.
    abandon(ops, &unproved, id, "only tried").await.unwrap();
    let id = rehearse(ops, &unproved, PLAN, &of).await.unwrap();
    act(ops, &unproved, id, 1, Act::Check, "").await.unwrap();
    act(ops, &unproved, id, 2, Act::Begin, "").await.unwrap();

    let refusals = console.audited().await;
    let refused = refusals
        .iter()
        .filter(|(_, result)| result != "success")
        .count();
    assert!(refused >= 6, "{refusals:?}");
    console.world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_whole_project_is_a_ctos(db: PgPool) {
    let console = Console::new(&db).await;
    console.demo().await;
    let of = console.subject(Plan::CompleteFailure).await;
    let lead = Actor {
        teams: vec!["platform".to_owned()],
        ..person(Role::TeamLead, &console.world)
    };
    let refused = rehearse(&console.ops, &lead, Plan::CompleteFailure, &of).await;
    assert!(is_forbidden(refused));
    rehearse(&console.ops, &console.cto, Plan::CompleteFailure, &of)
        .await
        .unwrap();
    console.world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_two_at_once_one_is_told_so(db: PgPool) {
    let console = Console::new(&db).await;
    console.world.back_up().await;
    let of = console.subject(PLAN).await;
    let (ops, cto) = (&console.ops, &console.cto);
    let (one, other) = tokio::join!(
        start(ops, cto, PLAN, &of, "console"),
        start(ops, cto, PLAN, &of, "console")
    );
    let id = match (one, other) {
        (Ok(id), refused) | (refused, Ok(id)) => {
            assert!(is_conflict(refused));
            id
        }
        neither => panic!("{neither:?}"),
    };
    console.act(id, 1, Act::Check, "").await.unwrap();
    let (one, other) = tokio::join!(
        console.act(id, 2, Act::Begin, ""),
        console.act(id, 2, Act::Begin, "")
    );
    let refused: Vec<_> = [one, other].into_iter().filter(Result::is_err).collect();
    assert_eq!(refused.len(), 1);
    let under_way: i64 =
        sqlx::query_scalar("SELECT count(*) FROM operation WHERE kind = 'restore'")
            .fetch_one(&db)
            .await
            .unwrap();
    assert_eq!(under_way, 1);
    console.world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_rehearsal_makes_way_for_the_real_thing(db: PgPool) {
    let console = Console::new(&db).await;
    console.world.back_up().await;
    let of = console.subject(PLAN).await;
    let (ops, cto) = (&console.ops, &console.cto);
    let rehearsal = rehearse(ops, cto, PLAN, &of).await.unwrap();
    assert!(is_conflict(rehearse(ops, cto, PLAN, &of).await));
    let real = start(ops, cto, PLAN, &of, "console").await.unwrap();
    assert_eq!(
        console.run(rehearsal).await.listed.phase,
        RunPhase::Abandoned
    );
    assert_eq!(console.run(real).await.listed.phase, RunPhase::Open);
    assert!(is_conflict(rehearse(ops, cto, PLAN, &of).await));
    console.world.end().await;
}
