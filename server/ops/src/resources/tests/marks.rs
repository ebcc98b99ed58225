use std::sync::Arc;

use serde_json::Value;
use store::{PgPool, operations};
use time::{Duration, OffsetDateTime};
use types::{
    Role,
    charts::{Asked, Mark, Range, Subject, View},
    health::Status,
    operations::{Kind, Phase},
};

use super::START;
use crate::{
    Actor, Caller, Ops, Who,
    outside::{Clock, FixedClock},
    resources::{self, millis},
};

const WORKER: i64 = 1;

fn of_team(team: &str) -> Actor {
    Actor {
        who: Who::Token { id: 1 },
        name: "token".to_owned(),
        role: Role::Viewer,
        teams: vec![team.to_owned()],
        caller: Caller::default(),
    }
}

/// An operation of a team that was asked for and ended at this time; its number.
async fn ended(db: &PgPool, kind: Kind, team: &str, phase: Phase, at: OffsetDateTime) -> i64 {
    let mut tx = db.begin().await.unwrap();
    let new = operations::New {
        kind,
        subject: "backup set 7",
        target: "database shop/postgres/app",
        team,
        request: Value::Null,
        asked_by: "schedule",
        stages: &[],
    };
    let id = operations::enqueue(&mut tx, &new, at).await.unwrap();
    let until = at + Duration::MINUTE;
    let claimed = operations::claim(&mut *tx, WORKER, at, until).await;
    assert_eq!(claimed.unwrap().map(|claimed| claimed.id), Some(id));
    let done = operations::finish(&mut tx, id, WORKER, phase, None, at).await;
    assert!(done.unwrap());
    tx.commit().await.unwrap();
    id
}

async fn marks(ops: &Ops, actor: &Actor) -> Vec<Mark> {
    let asked = Asked {
        subject: Subject::Host {
            name: String::new(),
            view: View::Overview,
        },
        range: Range::Last(600),
        points: 300,
        before_s: 0,
    };
    resources::charts(ops, actor, &asked).await.unwrap().marks
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_done_to_backups_is_marked_for_those_who_see_the_set(db: PgPool) {
    let clock = Arc::new(FixedClock::at(START));
    let ops = Ops::new(db.clone(), clock as Arc<dyn Clock>);
    ops.meters.set_own_host("own");
    let ago = |seconds: i64| START - Duration::seconds(seconds);
    ended(&db, Kind::Backup, "data", Phase::Succeeded, ago(700)).await;
    let drill = ended(&db, Kind::Drill, "data", Phase::Failed, ago(300)).await;
    ended(&db, Kind::Verify, "data", Phase::Succeeded, ago(200)).await;
    let restore = ended(&db, Kind::Restore, "data", Phase::Succeeded, ago(100)).await;
    ended(&db, Kind::Backup, "web", Phase::Cancelled, ago(50)).await;
    let own = [
        Mark {
            at: millis(ago(300)),
            text: "database shop/postgres/app: drill failed".to_owned(),
            href: format!("/backups/operations/{drill}"),
            status: Status::Critical,
        },
        Mark {
            at: millis(ago(100)),
            text: "database shop/postgres/app: restored".to_owned(),
            href: format!("/backups/operations/{restore}"),
            status: Status::Ok,
        },
    ];
    assert_eq!(marks(&ops, &of_team("data")).await, own);
    let all = marks(&ops, &Actor::system()).await;
    assert_eq!((all.len(), &all[..2]), (3, &own[..]));
    assert_eq!(all[2].status, Status::Unknown);
    assert_eq!(marks(&ops, &of_team("other")).await, []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_many_backups_the_newest_are_marked(db: PgPool) {
    let clock = Arc::new(FixedClock::at(START));
    let ops = Ops::new(db.clone(), clock as Arc<dyn Clock>);
    ops.meters.set_own_host("own");
    for second in (1..=105).rev() {
        let at = START - Duration::seconds(second);
        ended(&db, Kind::Backup, "data", Phase::Succeeded, at).await;
    }
    let told = marks(&ops, &Actor::system()).await;
    assert_eq!(told.len(), 100);
    assert_eq!(told[99].at, millis(START - Duration::SECOND));
}
