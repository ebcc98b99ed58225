#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::{path::PathBuf, sync::Arc};

use backup::postgres::Address;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use store::PgPool;
use time::{Duration, macros::datetime};
use types::{
    Error, Role,
    backups::{Backup, BackupSet},
    health::Status,
    operations::{Kind, Operation, Phase},
};

use super::{
    OwnDatabase, Place, ask_what_is_due, backups, discover, drill, list, restore,
    restore::discard_old, run, set, sets, update, worker,
};
use crate::{
    Actor, Ops,
    actor::Who,
    operations::{self, Asked, do_next},
    outside::{Clock, FixedClock},
};

/// A console whose clock the test owns, with a database of its own to back up beside its tables.
struct World {
    ops: Ops,
    clock: Arc<FixedClock>,
    folder: PathBuf,
    source: String,
    options: PgConnectOptions,
}

impl World {
    async fn new(db: &PgPool) -> Self {
        let source = format!("backed_up_{:016x}", rand::random::<u64>());
        let options = (*db.connect_options()).clone();
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {source}")))
            .execute(db)
            .await
            .unwrap();
        let host = options.get_socket().map_or_else(
            || options.get_host().to_owned(),
            |socket| socket.display().to_string(),
        );
        let own = OwnDatabase {
            address: Address {
                host,
                port: options.get_port(),
                user: options.get_username().to_owned(),
                password: None,
            },
            name: source.clone(),
        };
        let folder = std::env::temp_dir().join(&source);
        let clock = Arc::new(FixedClock::at(datetime!(2026-11-24 03:00 UTC)));
        let ops = Ops::new(db.clone(), Arc::clone(&clock) as Arc<dyn Clock>)
            .with_backups(Place::new(folder.clone(), None, Some(own)));
        let world = Self {
            ops,
            clock,
            folder,
            source,
            options,
        };
        world
            .sql("CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders SELECT n, md5(n::text) FROM generate_series(1, 5000) n")
            .await;
        discover(&world.ops).await.unwrap();
        world
    }

    /// In the database that is backed up.
    async fn sql(&self, sql: &str) {
        let options = self.options.clone().database(&self.source);
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    async fn orders(&self) -> Option<i64> {
        let options = self.options.clone().database(&self.source);
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM orders")
            .fetch_one(&mut connection)
            .await;
        connection.close().await.unwrap();
        count.ok()
    }

    /// Databases of the server that belong to this test.
    async fn databases(&self) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname",
        )
        .bind(&self.source)
        .fetch_all(&self.ops.db)
        .await
        .unwrap()
    }

    async fn only_set(&self) -> BackupSet {
        let mut all = sets(&self.ops, &Actor::system()).await.unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// Takes what waits and does it to its end.
    async fn do_next(&self) {
        assert!(do_next(&self.ops, &worker()).await, "something waits");
    }

    async fn operation(&self, id: i64) -> Operation {
        operations::get(&self.ops, &Actor::system(), id)
            .await
            .unwrap()
    }

    async fn back_up(&self) -> Backup {
        let id = self.only_set().await.id;
        run(&self.ops, &Actor::system(), id).await.unwrap();
        self.do_next().await;
        let all = backups(&self.ops, &Actor::system(), Some(id), None)
            .await
            .unwrap();
        all.into_iter().next().unwrap()
    }

    fn packs(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.folder.join("repository/data")];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found.sort_by_key(|path| std::cmp::Reverse(path.metadata().unwrap().len()));
        found
    }

    async fn end(self) {
        for database in self.databases().await {
            sqlx::query(AssertSqlSafe(format!(
                "DROP DATABASE \"{database}\" WITH (FORCE)"
            )))
            .execute(&self.ops.db)
            .await
            .unwrap();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_backup_is_green_once_it_was_read_back_and_proven_by_a_drill(db: PgPool) {
    let world = World::new(&db).await;
    let before = world.only_set().await;
    assert_eq!(before.settings.name, "console");
    assert_eq!(before.status, Status::Warning);
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

    ask_what_is_due(&world.ops).await.unwrap();
    let mut failed = None;
    while do_next(&world.ops, &worker()).await {
        failed = sqlx::query_scalar::<_, String>(
            "SELECT failure FROM backup_target WHERE failure IS NOT NULL",
        )
        .fetch_optional(&db)
        .await
        .unwrap();
    }
    let why = failed.unwrap();
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
async fn a_restore_replaces_and_an_undo_takes_it_back(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    world.sql("DROP TABLE orders").await;
    assert_eq!(world.orders().await, None);

    let set_id = world.only_set().await.id;
    let id = restore(&world.ops, &Actor::system(), backup.id, "console")
        .await
        .unwrap();
    world.do_next().await;
    let operation = world.operation(id).await;
    assert_eq!(operation.phase, Phase::Succeeded, "{operation:?}");
    assert_eq!(world.orders().await, Some(5_000));
    let kept = world.databases().await;
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept[1].contains("_before_"));
    let made = super::restores(&world.ops, &Actor::system(), set_id)
        .await
        .unwrap();
    assert!(made[0].pause_ms.is_some());

    world.sql("UPDATE orders SET note = 'since'").await;
    super::undo(&world.ops, &Actor::system(), made[0].id, "console")
        .await
        .unwrap();
    world.do_next().await;
    assert_eq!(
        world.orders().await,
        None,
        "it is as it was before the restore"
    );
    let twice = super::undo(&world.ops, &Actor::system(), made[0].id, "console")
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
    let refused = restore(&world.ops, &Actor::system(), backup.id, "other")
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
    let refused = restore(&world.ops, &engineer, backup.id, "console")
        .await
        .unwrap_err();
    assert!(matches!(refused.told(), Some(Error::Forbidden { .. })));
    let unproved = person(Role::Cto, None);
    let refused = restore(&world.ops, &unproved, backup.id, "console")
        .await
        .unwrap_err();
    assert_eq!(refused.told(), Some(&Error::StepUpRequired));
    let token = Actor {
        who: Who::Token { id: 1 },
        ..person(Role::Cto, None)
    };
    let refused = restore(&world.ops, &token, backup.id, "console")
        .await
        .unwrap_err();
    assert!(matches!(refused.told(), Some(Error::Forbidden { .. })));

    // Of two who press at once one is told that it is under way.
    let cto = person(Role::Cto, Some(now));
    let (one, other) = tokio::join!(
        restore(&world.ops, &cto, backup.id, "console"),
        restore(&world.ops, &cto, backup.id, "console")
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
        request: serde_json::json!({ "backup": backup.id, "label": super::take::label("restore") }),
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
async fn a_run_that_is_due_is_asked_for_once_and_one_that_was_missed_as_well(db: PgPool) {
    let world = World::new(&db).await;
    // Down for a day: twenty-four runs were missed.
    world.clock.advance(Duration::days(1));
    ask_what_is_due(&world.ops).await.unwrap();
    ask_what_is_due(&world.ops).await.unwrap();
    let asked: i64 = sqlx::query_scalar("SELECT count(*) FROM operation WHERE kind = 'backup'")
        .fetch_one(&db)
        .await
        .unwrap();
    assert_eq!(asked, 1);
    let next = world.only_set().await.next_run.unwrap();
    assert!(next > world.clock.now() && next - world.clock.now() <= Duration::hours(1));
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_person_changed_stays_and_a_wrong_schedule_is_refused(db: PgPool) {
    let world = World::new(&db).await;
    let set_id = world.only_set().await.id;
    let mut settings = world.only_set().await.settings;
    settings.schedule = "0 3 * * *".to_owned();
    settings.time_zone = "Europe/Berlin".to_owned();
    let changed = update(&world.ops, &Actor::system(), set_id, &settings)
        .await
        .unwrap();
    assert_eq!(changed.next_run, Some(datetime!(2026-11-25 02:00 UTC)));
    discover(&world.ops).await.unwrap();
    assert_eq!(world.only_set().await.settings, settings);
    settings.schedule = "0 0 30 2 *".to_owned();
    let refused = update(&world.ops, &Actor::system(), set_id, &settings)
        .await
        .unwrap_err();
    assert!(refused.told().unwrap().of_field("schedule").is_some());
    assert!(set(&world.ops, &Actor::system(), 999).await.is_err());
    world.end().await;
}
