//! Backups are taken, read back and proven.

use store::PgPool;
use time::Duration;
use types::{health::Status, operations::Phase};

use super::{
    super::{ask_what_is_due, backups, create_target, drill, run, update, worker},
    world::World,
};
use crate::{Actor, operations::do_next};

#[sqlx::test(migrations = "../../migrations")]
async fn a_backup_is_green_once_it_was_read_back_and_proven_by_a_drill(db: PgPool) {
    let world = World::new(&db).await;
    let before = world.only_set().await;
    assert_eq!(before.settings.name, "console");
    assert_eq!(before.status, Status::Unknown, "{}", before.reason);
    assert!(before.next_run.is_some());

    let first = world.back_up().await;
    assert_eq!(first.status, Phase::Succeeded, "{:?}", first.failure);
    assert_eq!(first.rows, 5_000);
    assert!(first.is_green());
    let operation = world.operation(first.operation).await;
    assert!(
        operation
            .stages
            .iter()
            .all(|stage| stage.phase == Phase::Succeeded),
        "{operation:?}"
    );
    let after = world.only_set().await;
    assert_eq!(after.status, Status::Ok, "{}", after.reason);
    assert_eq!(after.proven_as_of, None);

    world
        .sql("CREATE TABLE bulk AS SELECT n, md5(n::text) || md5((n + 1)::text) AS note FROM generate_series(1, 150000) n")
        .await;
    world.back_up().await;
    world.clock.advance(Duration::hours(1));
    let second = world.back_up().await;
    assert!(second.bytes_added * 2 < second.bytes_read, "{second:?}");

    let id = drill(&world.ops, &Actor::system(), after.id).await.unwrap();
    world.do_next().await;
    let operation = world.operation(id).await;
    assert_eq!(operation.phase, Phase::Succeeded, "{operation:?}");
    let drilled = world.only_set().await;
    assert_eq!(drilled.proven_as_of, Some(second.started_at));
    assert!(drilled.drill_s.unwrap() > 0.0);
    assert_eq!(
        world.databases().await,
        std::slice::from_ref(&world.source),
        "scratch is gone"
    );
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_flipped_byte_is_found_and_nothing_there_is_green_any_more(db: PgPool) {
    let world = World::new(&db).await;
    world.back_up().await;
    let pack = world.packs().remove(0);
    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mut permissions = std::fs::metadata(&pack).unwrap().permissions();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "it is removed with the test"
    )]
    permissions.set_readonly(false);
    std::fs::set_permissions(&pack, permissions).unwrap();
    std::fs::write(&pack, bytes).unwrap();

    // The drill comes first: a check wants the repository for itself.
    for _ in 0..2 {
        ask_what_is_due(&world.ops).await.unwrap();
        while do_next(&world.ops, &worker()).await {}
    }
    let why: String =
        sqlx::query_scalar("SELECT failure FROM backup_target WHERE failure IS NOT NULL")
            .fetch_one(&db)
            .await
            .unwrap();
    let set = world.only_set().await;
    assert_eq!(set.status, Status::Critical, "{}", set.reason);
    assert!(set.reason.contains(&why), "{}", set.reason);
    let all = backups(&world.ops, &Actor::system(), None, None)
        .await
        .unwrap();
    assert!(!all[0].is_green());
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_repository_in_which_others_work_is_checked_a_little_later(db: PgPool) {
    let world = World::new(&db).await;
    world.back_up().await;
    ask_what_is_due(&world.ops).await.unwrap();
    world.do_next().await;
    assert_eq!(world.only_set().await.status, Status::Ok);

    let other = world.works_in_the_repository().await;
    let checks = || async {
        ask_what_is_due(&world.ops).await.unwrap();
        do_next(&world.ops, &worker()).await
    };
    assert!(checks().await);
    let (failure, phase): (Option<String>, String) = sqlx::query_as(
        "SELECT t.failure, o.phase FROM backup_target t, operation o WHERE o.kind = 'verify'",
    )
    .fetch_one(&db)
    .await
    .unwrap();
    assert_eq!((failure, phase.as_str()), (None, "failed"));
    assert_eq!(world.only_set().await.status, Status::Ok, "no set minds");
    assert!(!checks().await, "not at once");
    drop(other);
    world.clock.advance(Duration::minutes(5));
    assert!(checks().await);
    let checked: bool = sqlx::query_scalar("SELECT checked_at IS NOT NULL FROM backup_target")
        .fetch_one(&db)
        .await
        .unwrap();
    assert!(checked);
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_target_is_not_checked_while_other_work_is_on_it(db: PgPool) {
    let world = World::new(&db).await;
    world.back_up().await;
    let set = world.only_set().await.id;
    run(&world.ops, &Actor::system(), set).await.unwrap();
    ask_what_is_due(&world.ops).await.unwrap();
    let asked = "SELECT count(*) FROM operation WHERE kind = 'verify'";
    let checks: i64 = sqlx::query_scalar(asked).fetch_one(&db).await.unwrap();
    assert_eq!(checks, 0);
    world.do_next().await;
    // The drill, and after it the check.
    for _ in 0..2 {
        ask_what_is_due(&world.ops).await.unwrap();
        world.do_next().await;
    }
    let checks: i64 = sqlx::query_scalar(asked).fetch_one(&db).await.unwrap();
    assert_eq!(checks, 1);
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_target_that_fails_is_a_stage_that_failed_and_the_other_one_has_it(db: PgPool) {
    let world = World::new(&db).await;
    let system = Actor::system();
    // Nothing can be made below a file.
    let nowhere = create_target(&world.ops, &system, "nowhere", "/dev/null/repository")
        .await
        .unwrap();
    let set = world.only_set().await;
    let mut settings = set.settings.clone();
    settings.targets.insert(0, nowhere);
    update(&world.ops, &system, set.id, &settings)
        .await
        .unwrap();
    let backup = world.back_up().await;
    assert_eq!(backup.status, Phase::Succeeded, "{:?}", backup.failure);
    let reached: Vec<bool> = (backup.copies.iter())
        .map(|copy| copy.snapshot.is_some())
        .collect();
    assert_eq!(reached, [true, false]);
    let operation = world.operation(backup.operation).await;
    assert_eq!(operation.stages[0].phase, Phase::Failed);
    assert_eq!(operation.stages[1].phase, Phase::Succeeded);
    assert_eq!(world.only_set().await.status, Status::Warning);
    world.end().await;
}
