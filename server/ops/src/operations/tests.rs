#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop, and one does"
)]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures::FutureExt;
use serde_json::json;
use store::PgPool;
use time::{Duration, macros::datetime};
use tokio::sync::Notify;
use types::{
    Error, Role,
    operations::{Kind, Operation, Phase},
};

use super::{
    Asked, At, Ended, Worker, cancel, enqueue, get,
    work::{carry_out, claim},
};
use crate::{
    Actor, Ops, Outcome,
    actor::Who,
    outside::{Clock, FixedClock},
};

struct World {
    ops: Ops,
    clock: Arc<FixedClock>,
}

impl World {
    fn new(db: PgPool) -> Self {
        let clock = Arc::new(FixedClock::at(datetime!(2026-11-24 03:00 UTC)));
        let ops = Ops::new(db, Arc::clone(&clock) as Arc<dyn Clock>);
        Self { ops, clock }
    }

    async fn ask(&self, subject: &str) -> Outcome<i64> {
        let asked = Asked {
            kind: Kind::Backup,
            subject,
            target: "database app",
            team: "platform",
            request: json!({"set": 4}),
            stages: &["Dump", "Verify"],
        };
        let mut tx = self.ops.begin().await?;
        let id = enqueue(&mut tx, &self.ops, &Actor::system(), &asked).await?;
        Ops::commit(tx).await?;
        Ok(id)
    }

    /// Claims what waits and does it to its end.
    async fn do_next(&self, worker: i64, does: Worker) {
        let claimed = claim(&self.ops, worker).await.unwrap().unwrap();
        carry_out(self.ops.clone(), worker, claimed, does).await;
    }

    async fn see(&self, id: i64) -> Operation {
        get(&self.ops, &Actor::system(), id).await.unwrap()
    }
}

fn does<F>(work: impl Fn(At) -> F + Send + Sync + 'static) -> Worker
where
    F: Future<Output = Result<(), Ended>> + Send + 'static,
{
    Arc::new(move |at| work(at).boxed())
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_operation_is_done_stage_by_stage(db: PgPool) {
    let world = World::new(db);
    let id = world.ask("set 4").await.unwrap();
    let before = world.see(id).await;
    assert_eq!(before.phase, Phase::Queued);
    assert_eq!(before.asked_by, "schedule");
    assert_eq!(before.stages.len(), 2);

    let work = does(|at| async move {
        assert_eq!(at.request::<serde_json::Value>()?, json!({"set": 4}));
        let bytes = at
            .stage("Dump", async {
                at.say("a line").await;
                Ok((7, "7 B".to_owned()))
            })
            .await?;
        at.stage("Verify", async move { Ok(((), format!("{bytes} of 7 B"))) })
            .await
    });
    world.do_next(1, work).await;

    let after = world.see(id).await;
    assert_eq!(after.phase, Phase::Succeeded);
    let stages: Vec<_> = (after.stages.iter())
        .map(|stage| (stage.name.as_str(), stage.phase, stage.detail.as_str()))
        .collect();
    assert_eq!(
        stages,
        [
            ("Dump", Phase::Succeeded, "7 B"),
            ("Verify", Phase::Succeeded, "7 of 7 B")
        ]
    );
    assert_eq!(after.log[0].text, "a line");
    assert!(claim(&world.ops, 1).await.unwrap().is_none());
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_at_a_time_works_on_a_subject(db: PgPool) {
    let world = World::new(db);
    let (one, other) = tokio::join!(world.ask("set 4"), world.ask("set 4"));
    let refused = [one, other].into_iter().find_map(Result::err).unwrap();
    assert!(matches!(refused.told(), Some(Error::Conflict { .. })));
    world.ask("set 5").await.unwrap();
    world.do_next(1, does(|_| async { Ok(()) })).await;
    world.ask("set 4").await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_dead_process_left_is_taken_up(db: PgPool) {
    let world = World::new(db);
    let id = world.ask("set 4").await.unwrap();
    // The first one keeps how far it is, and is never heard of again.
    let first = does(|at| async move {
        at.keep(&json!({"snapshot": "abc"})).await?;
        at.stage("Dump", async { Err::<((), String), _>(Ended::Lost) })
            .await
    });
    world.do_next(1, first).await;
    assert_eq!(world.see(id).await.phase, Phase::Running);
    assert!(
        claim(&world.ops, 2).await.unwrap().is_none(),
        "its lease still runs"
    );

    world.clock.advance(Duration::seconds(21));
    let second = does(|at| async move {
        assert!(at.is_resumed());
        assert_eq!(at.state::<serde_json::Value>()?, json!({"snapshot": "abc"}));
        at.stage("Dump", async { Ok(((), String::new())) }).await
    });
    world.do_next(2, second).await;
    let operation = world.see(id).await;
    assert_eq!(operation.phase, Phase::Succeeded);
    assert_eq!(operation.stages[0].phase, Phase::Succeeded);
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_lost_an_operation_changes_nothing_of_it(db: PgPool) {
    let world = World::new(db);
    let id = world.ask("set 4").await.unwrap();
    let claimed = claim(&world.ops, 1).await.unwrap().unwrap();
    world.clock.advance(Duration::seconds(21));
    world.do_next(2, does(|_| async { Ok(()) })).await;
    let late = does(|at| async move {
        assert!(matches!(at.keep(&json!(1)).await, Err(Ended::Lost)));
        Err(Ended::Failed("too late".to_owned()))
    });
    carry_out(world.ops.clone(), 1, claimed, late).await;
    assert_eq!(world.see(id).await.phase, Phase::Succeeded);
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_that_waits_is_cancelled_at_once(db: PgPool) {
    let world = World::new(db);
    let id = world.ask("set 4").await.unwrap();
    cancel(&world.ops, &Actor::system(), id).await.unwrap();
    assert_eq!(world.see(id).await.phase, Phase::Cancelled);
    assert!(claim(&world.ops, 1).await.unwrap().is_none());
    let again = cancel(&world.ops, &Actor::system(), id).await.unwrap_err();
    assert!(matches!(again.told(), Some(Error::Conflict { .. })));
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_under_way_hears_that_it_is_cancelled(db: PgPool) {
    let world = World::new(db);
    let id = world.ask("set 4").await.unwrap();
    let began = Arc::new(Notify::new());
    let work = {
        let began = Arc::clone(&began);
        does(move |at| {
            let began = Arc::clone(&began);
            async move {
                at.stage("Dump", async {
                    began.notify_one();
                    Err::<((), String), _>(at.stopped().await)
                })
                .await
            }
        })
    };
    let asks = async {
        began.notified().await;
        cancel(&world.ops, &Actor::system(), id).await.unwrap();
        let operation = world.see(id).await;
        assert!(operation.is_cancelling);
    };
    tokio::join!(world.do_next(1, work), asks);
    let operation = world.see(id).await;
    assert_eq!(operation.phase, Phase::Cancelled);
    assert_eq!(operation.stages[0].phase, Phase::Cancelled);
    assert!(!operation.is_cancelling);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_failure_is_told_and_a_panic_is_one(db: PgPool) {
    let world = World::new(db);
    let id = world.ask("set 4").await.unwrap();
    let fails = does(|at| async move {
        at.stage("Dump", async {
            Err::<((), String), _>(Ended::Failed("The disk is full.".to_owned()))
        })
        .await
    });
    world.do_next(1, fails).await;
    let operation = world.see(id).await;
    assert_eq!(operation.failure.as_deref(), Some("The disk is full."));
    assert_eq!(operation.stages[0].phase, Phase::Failed);
    assert_eq!(operation.stages[1].phase, Phase::Queued);

    let id = world.ask("set 4").await.unwrap();
    let times = Arc::new(AtomicU32::new(0));
    let panics = {
        let times = Arc::clone(&times);
        does(move |_| {
            times.fetch_add(1, Ordering::SeqCst);
            async { panic!("in a test") }
        })
    };
    world.do_next(1, panics).await;
    assert_eq!(world.see(id).await.phase, Phase::Failed);
    assert_eq!(times.load(Ordering::SeqCst), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_engineer_cancels_nothing(db: PgPool) {
    let world = World::new(db);
    let id = world.ask("set 4").await.unwrap();
    let engineer = Actor {
        who: Who::User {
            id: 1,
            session: Vec::new(),
            proved_at: None,
            has_second_factor: false,
        },
        name: "eng@example.com".to_owned(),
        role: Role::Engineer,
        ..Actor::system()
    };
    let refused = cancel(&world.ops, &engineer, id).await.unwrap_err();
    assert!(matches!(refused.told(), Some(Error::Forbidden { .. })));
    assert_eq!(world.see(id).await.phase, Phase::Queued);
}
