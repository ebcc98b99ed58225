//! Steps in their order, to their end, again, left out, and after a console that ended.

use store::PgPool;
use time::Duration;
use types::runbooks::{Act, Plan, RunPhase, StepKind, StepPhase};

use super::{
    super::{abandon, rehearse, start},
    Console, is_conflict,
};
use crate::{backups::worker, operations::do_next};

const PLAN: Plan = Plan::DatabaseCorruption;

#[sqlx::test(migrations = "../../migrations")]
async fn a_database_is_recovered_step_by_step(db: PgPool) {
    let console = Console::new(&db).await;
    console.world.back_up().await;
    console.world.sql("DROP TABLE orders").await;
    let of = console.subject(PLAN).await;
    let id = start(&console.ops, &console.cto, PLAN, &of, "console")
        .await
        .unwrap();
    let kinds: Vec<StepKind> = console
        .run(id)
        .await
        .steps
        .iter()
        .map(|step| step.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            StepKind::Person,
            StepKind::Restore,
            StepKind::Person,
            StepKind::Verify,
            StepKind::Smoke
        ]
    );
    // In their order, each by whom it is for.
    assert!(is_conflict(console.act(id, 2, Act::Begin, "").await));
    assert!(is_conflict(console.act(id, 1, Act::Begin, "").await));
    assert!(is_conflict(console.act(id, 2, Act::Check, "").await));
    console
        .act(id, 1, Act::Check, " orders is gone ")
        .await
        .unwrap();
    assert!(
        is_conflict(console.act(id, 1, Act::Check, "").await),
        "once"
    );
    let noted = console.step(id, 1).await;
    assert_eq!(
        (noted.note.as_str(), noted.phase),
        ("orders is gone", StepPhase::Done)
    );
    assert_eq!(noted.done_by, "cto@example.com");
    let would = console.run(id).await.would_restore;
    assert!(would[0].taken_at.is_some() && !would[0].is_proven);

    console.world.clock.advance(Duration::minutes(3));
    let restored = console.does(id, 2).await;
    assert_eq!(restored.phase, StepPhase::Done, "{restored:?}");
    assert!(restored.detail.contains("tables"), "{}", restored.detail);
    assert_eq!(console.world.orders().await, Some(5_000));
    console.act(id, 3, Act::Check, "").await.unwrap();
    assert_eq!(console.does(id, 4).await.phase, StepPhase::Done);
    console.world.clock.advance(Duration::minutes(2));
    let smoke = console.does(id, 5).await;
    assert_eq!(smoke.phase, StepPhase::Done, "{smoke:?}");

    let run = console.run(id).await.listed;
    assert_eq!(run.phase, RunPhase::Done);
    assert_eq!(run.took_s(), Some(300));
    assert_eq!(run.rto_s, 1_440, "the set's");
    assert!(is_conflict(console.act(id, 5, Act::Skip, "late").await));
    let audited = console.audited().await;
    let actions: Vec<&str> = audited.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "runbook.start",
            "runbook.check",
            "runbook.step",
            "runbook.check",
            "runbook.step",
            "runbook.step"
        ]
    );
    console.world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_rehearsal_goes_to_its_end_and_changes_nothing(db: PgPool) {
    let console = Console::new(&db).await;
    console.world.back_up().await;
    console.world.sql("DELETE FROM orders").await;
    let of = console.subject(PLAN).await;
    let id = rehearse(&console.ops, &console.cto, PLAN, &of)
        .await
        .unwrap();
    console.act(id, 1, Act::Check, "").await.unwrap();
    let drilled = console.does(id, 2).await;
    assert_eq!(drilled.phase, StepPhase::Done, "{drilled:?}");
    assert_eq!(console.world.orders().await, Some(0), "as it was");
    assert_eq!(console.world.databases().await.len(), 1, "nothing is left");
    console.act(id, 3, Act::Check, "").await.unwrap();

    // The checks are real: what is not well fails the step, which is tried again, and left out for a reason.
    console.expect_gpu(true).await;
    let failed = console.does(id, 4).await;
    assert_eq!(failed.phase, StepPhase::Failed);
    assert_eq!(failed.detail, "Not well: gpu.");
    let again = console.does(id, 4).await;
    assert_eq!((again.phase, again.tries), (StepPhase::Failed, 2));
    let refused = console.act(id, 4, Act::Skip, " ").await.unwrap_err();
    assert!(refused.told().unwrap().of_field("note").is_some());
    console.act(id, 4, Act::Skip, "no card here").await.unwrap();
    console.expect_gpu(false).await;
    assert_eq!(console.does(id, 5).await.phase, StepPhase::Done);
    let run = console.run(id).await;
    assert_eq!(run.listed.phase, RunPhase::Done);
    assert!(run.listed.is_rehearsal);
    assert_eq!(run.steps[3].note, "no card here");
    console.world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_is_given_up_for_a_reason(db: PgPool) {
    let console = Console::new(&db).await;
    console.world.back_up().await;
    let of = console.subject(PLAN).await;
    let id = rehearse(&console.ops, &console.cto, PLAN, &of)
        .await
        .unwrap();
    let refused = abandon(&console.ops, &console.cto, id, "")
        .await
        .unwrap_err();
    assert!(refused.told().unwrap().of_field("reason").is_some());
    console.act(id, 1, Act::Check, "").await.unwrap();
    console.act(id, 2, Act::Begin, "").await.unwrap();
    let busy = abandon(&console.ops, &console.cto, id, "enough").await;
    assert!(is_conflict(busy), "a step is under way");
    assert!(do_next(&console.ops, &worker()).await);
    console.run(id).await;
    abandon(&console.ops, &console.cto, id, "enough")
        .await
        .unwrap();
    let run = console.run(id).await.listed;
    assert_eq!(
        (run.phase, run.reason.as_str()),
        (RunPhase::Abandoned, "enough")
    );
    assert!(is_conflict(console.act(id, 3, Act::Check, "").await));
    assert!(is_conflict(
        abandon(&console.ops, &console.cto, id, "again").await
    ));
    console.world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_step_outlives_a_console_that_ends(db: PgPool) {
    let console = Console::new(&db).await;
    console.world.back_up().await;
    let of = console.subject(PLAN).await;
    let id = start(&console.ops, &console.cto, PLAN, &of, "console")
        .await
        .unwrap();
    console.act(id, 1, Act::Check, "").await.unwrap();
    // The console was killed between taking the step and asking for its operation.
    sqlx::query("UPDATE runbook_step SET phase = 'running', tried_at = $1 WHERE place = 2")
        .bind(crate::outside::Clock::now(&*console.world.clock))
        .execute(&db)
        .await
        .unwrap();
    assert_eq!(console.phases(id).await[1], StepPhase::Running);
    console.world.clock.advance(Duration::seconds(61));
    let left = console.step(id, 2).await;
    assert_eq!(left.phase, StepPhase::Failed);
    assert!(left.detail.contains("ended before"), "{}", left.detail);

    // And in the middle of the operation: the next one goes on with it.
    console.act(id, 2, Act::Begin, "").await.unwrap();
    let soon = std::time::Duration::from_millis(60);
    let killed = tokio::time::timeout(soon, do_next(&console.ops, &worker())).await;
    assert!(killed.is_err(), "it takes longer");
    assert_eq!(console.step(id, 2).await.phase, StepPhase::Running);
    console.world.clock.advance(Duration::seconds(21));
    assert!(do_next(&console.ops, &worker()).await);
    let restored = console.step(id, 2).await;
    assert_eq!(restored.phase, StepPhase::Done, "{restored:?}");
    console.world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_a_backup_the_step_fails_and_says_so(db: PgPool) {
    let console = Console::new(&db).await;
    let of = console.subject(PLAN).await;
    let id = start(&console.ops, &console.cto, PLAN, &of, "console")
        .await
        .unwrap();
    console.act(id, 1, Act::Check, "").await.unwrap();
    console.act(id, 2, Act::Begin, "").await.unwrap();
    let failed = console.step(id, 2).await;
    assert_eq!(failed.phase, StepPhase::Failed);
    assert!(failed.detail.contains("no backup"), "{}", failed.detail);
    console.world.back_up().await;
    let again = console.does(id, 2).await;
    assert_eq!((again.phase, again.tries), (StepPhase::Done, 2));
    console.world.end().await;
}
