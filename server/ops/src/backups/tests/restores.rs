//! Restores and undos, and what becomes of them when something fails.

use store::PgPool;
use time::Duration;
use types::{
    Error, Role,
    backups::Wish,
    deployment::Operation,
    operations::{Kind, Phase},
};

use super::{
    super::{list, plan, restore, restore::discard_old, restores, take, undo},
    world::World,
};
use crate::{
    Actor, Ops,
    actor::Who,
    deployment::tests::world::Engine,
    operations::{self, Asked},
    outside::{Clock, Container},
};

#[sqlx::test(migrations = "../../migrations")]
async fn a_restore_replaces_and_an_undo_takes_it_back(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    world.sql("DROP TABLE orders").await;
    assert_eq!(world.orders().await, None);

    let set_id = world.only_set().await.id;
    let id = restore(
        &world.ops,
        &Actor::system(),
        backup.id,
        "console",
        &Wish::default(),
    )
    .await
    .unwrap();
    world.do_next().await;
    let operation = world.operation(id).await;
    assert_eq!(operation.phase, Phase::Succeeded, "{operation:?}");
    assert_eq!(world.orders().await, Some(5_000));
    let kept = world.databases().await;
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept[1].contains("_before_"));
    let made = restores(&world.ops, &Actor::system(), set_id)
        .await
        .unwrap();
    assert!(made[0].pause_ms.is_some());

    world.sql("UPDATE orders SET note = 'since'").await;
    undo(&world.ops, &Actor::system(), made[0].id, "console")
        .await
        .unwrap();
    world.do_next().await;
    assert_eq!(
        world.orders().await,
        None,
        "it is as it was before the restore"
    );
    let twice = undo(&world.ops, &Actor::system(), made[0].id, "console")
        .await
        .unwrap_err();
    assert!(matches!(twice.told(), Some(Error::Conflict { .. })));

    // Its time over, what is kept goes, and the live database stays.
    world.clock.advance(Duration::days(8));
    discard_old(&world.ops).await.unwrap();
    assert_eq!(world.databases().await, std::slice::from_ref(&world.source));
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_restore_asks_for_its_name_a_proof_and_the_right_to(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    let refused = restore(
        &world.ops,
        &Actor::system(),
        backup.id,
        "other",
        &Wish::default(),
    )
    .await
    .unwrap_err();
    assert!(refused.told().unwrap().of_field("typed_name").is_some());
    let person = |role, proved_at| Actor {
        who: Who::User {
            id: 1,
            session: Vec::new(),
            proved_at,
            has_second_factor: false,
        },
        name: "a@example.com".to_owned(),
        role,
        ..Actor::system()
    };
    let now = world.clock.now();
    let engineer = person(Role::Engineer, Some(now));
    let refused = restore(
        &world.ops,
        &engineer,
        backup.id,
        "console",
        &Wish::default(),
    )
    .await
    .unwrap_err();
    assert!(matches!(refused.told(), Some(Error::Forbidden { .. })));
    let unproved = person(Role::Cto, None);
    let refused = restore(
        &world.ops,
        &unproved,
        backup.id,
        "console",
        &Wish::default(),
    )
    .await
    .unwrap_err();
    assert_eq!(refused.told(), Some(&Error::StepUpRequired));
    let token = Actor {
        who: Who::Token { id: 1 },
        ..person(Role::Cto, None)
    };
    let refused = restore(&world.ops, &token, backup.id, "console", &Wish::default())
        .await
        .unwrap_err();
    assert!(matches!(refused.told(), Some(Error::Forbidden { .. })));

    // Of two who press at once one is told that it is under way.
    let cto = person(Role::Cto, Some(now));
    let wish = Wish::default();
    let (one, other) = tokio::join!(
        restore(&world.ops, &cto, backup.id, "console", &wish),
        restore(&world.ops, &cto, backup.id, "console", &wish)
    );
    let refused = [one, other]
        .into_iter()
        .filter_map(Result::err)
        .collect::<Vec<_>>();
    assert_eq!(refused.len(), 1);
    assert!(matches!(refused[0].told(), Some(Error::Conflict { .. })));
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_restore_that_was_killed_goes_on_from_what_stands(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    world.sql("DELETE FROM orders").await;
    let set = list::stored(&world.ops, &Actor::system(), backup.set)
        .await
        .unwrap();
    // Killed before it had begun anything, and again while it restored.
    let asked = Asked {
        kind: Kind::Restore,
        subject: &list::subject(set.id),
        target: "console",
        team: "platform",
        request: serde_json::json!({ "backup": backup.id, "label": take::label("restore") }),
        stages: &["Restore beside the live database, and compare", "Switch"],
    };
    let mut tx = world.ops.begin().await.unwrap();
    let id = operations::enqueue(&mut tx, &world.ops, &Actor::system(), &asked)
        .await
        .unwrap();
    Ops::commit(tx).await.unwrap();
    for patience_ms in [1, 60, 200, 400, 800] {
        let killed = tokio::time::timeout(
            std::time::Duration::from_millis(patience_ms),
            world.do_next(),
        );
        if killed.await.is_ok() {
            break;
        }
        assert!(world.orders().await.is_some(), "the live database stands");
        world.clock.advance(Duration::seconds(21));
    }
    if world.operation(id).await.phase == Phase::Running {
        world.do_next().await;
    }
    assert_eq!(world.operation(id).await.phase, Phase::Succeeded);
    assert_eq!(world.orders().await, Some(5_000));
    assert_eq!(
        world.databases().await.len(),
        2,
        "the live one and the one before"
    );
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn start_fails_and_what_was_live_is_kept_for_an_undo(db: PgPool) {
    let engine = Engine::default();
    let world = World::over(&db, &engine).await;
    let backup = world.back_up().await;
    world.sql("DELETE FROM orders").await;
    let web = Container {
        id: "web-1".to_owned(),
        ..Container::default()
    };
    {
        let mut holds = engine.world();
        holds.containers.insert(web.id.clone(), web);
        holds.refuses = Some("the port is taken".to_owned());
        holds.refuses_only = Some(Operation::Start);
    }

    let system = Actor::system();
    let id = restore(&world.ops, &system, backup.id, "console", &Wish::default())
        .await
        .unwrap();
    // An earlier attempt had found that it connects.
    sqlx::query("UPDATE operation SET state = $1 WHERE id = $2")
        .bind(serde_json::json!({ "stopped": [{ "service": "web", "container": "web-1" }] }))
        .bind(id)
        .execute(&db)
        .await
        .unwrap();
    world.do_next().await;
    let ended = world.operation(id).await;
    assert_eq!(ended.phase, Phase::Failed);
    let why = ended.failure.unwrap();
    assert!(why.contains("kept for an undo"), "{why}");
    assert!(why.contains("web could not be told to start"), "{why}");
    assert_eq!(world.orders().await, Some(5_000), "it is restored");
    discard_old(&world.ops).await.unwrap();
    assert_eq!(world.databases().await.len(), 2, "what was live is kept");

    engine.world().refuses = None;
    let made = restores(&world.ops, &system, backup.set).await.unwrap();
    let id = undo(&world.ops, &system, made[0].id, "console")
        .await
        .unwrap();
    world.do_next().await;
    assert_eq!(world.operation(id).await.phase, Phase::Succeeded);
    assert_eq!(world.orders().await, Some(0), "it is as it was before");
    let operated = engine.world().operated.clone();
    assert_eq!(
        operated.last(),
        Some(&("web-1".to_owned(), Operation::Start)),
        "what could not be started then runs again"
    );
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_plan_tells_what_would_be_left_behind(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    world
        .sql("DELETE FROM orders WHERE id > 4000; CREATE TABLE since (n int); INSERT INTO since VALUES (1)")
        .await;
    let plan = plan(&world.ops, &Actor::system(), backup.id, &[])
        .await
        .unwrap();
    assert_eq!(plan.refused, None);
    assert_eq!(plan.unknown, None);
    assert_eq!(plan.set_name, "console");
    let told: Vec<_> = (plan.changes.iter())
        .map(|change| (change.table.as_str(), change.then, change.now))
        .collect();
    assert_eq!(
        told,
        [
            ("public.orders", Some(5_000), Some(4_000)),
            ("public.since", None, Some(1)),
        ]
    );
    assert!(plan.free_bytes.unwrap() > 0);
    // Nothing was changed by it.
    assert_eq!(world.databases().await.len(), 1);
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_failed_restore_left_is_settled(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    let system = Actor::system();
    let id = restore(&world.ops, &system, backup.id, "console", &Wish::default())
        .await
        .unwrap();
    world.do_next().await;
    let made = restores(&world.ops, &system, backup.set).await.unwrap();
    // As if its switch had been made and the word of it lost.
    sqlx::raw_sql("UPDATE backup_restore SET restored_at = NULL, kept = '', kept_until = NULL; UPDATE operation SET phase = 'failed' WHERE kind = 'restore'")
        .execute(&db)
        .await
        .unwrap();
    assert!(
        restores(&world.ops, &system, backup.set)
            .await
            .unwrap()
            .is_empty()
    );
    discard_old(&world.ops).await.unwrap();
    let settled = restores(&world.ops, &system, backup.set).await.unwrap();
    assert_eq!(settled[0].kept, made[0].kept, "operation {id}");
    assert_eq!(world.databases().await.len(), 2);
    world.end().await;
}
