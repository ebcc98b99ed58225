//! PostgreSQL, restic and `pg_restore` that are killed. PostgreSQL is a cluster of the test's own.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use backup::{
    Control, Event, Kind, Stage,
    postgres::{Address, Server, Stored, load},
    restore::{Outcome, Request, fill, resume, switch, undo},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::support::{Database, World, server, text, until};

/// A cluster that may be killed. What was committed is there afterwards, unlike with the tests' own.
struct Cluster {
    folder: PathBuf,
}

impl Cluster {
    fn new(folder: PathBuf) -> Self {
        let cluster = Self { folder };
        cluster.script("start");
        cluster
    }

    fn script(&self, verb: &str) {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../deploy/scripts/postgres.sh"
        );
        let status = Command::new(script)
            .args([verb, "run"])
            .env("YTOPS_POSTGRES_DIR", &self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "postgres.sh {verb}");
    }

    fn socket(&self) -> String {
        format!("{}/run", self.folder.display())
    }

    fn server(&self) -> Server {
        Server::local(Address {
            host: self.socket(),
            port: 5432,
            user: "postgres".to_owned(),
            password: None,
        })
    }

    /// As `kill -9` of the first process; its children end by themselves.
    fn kill(&self) {
        let file = format!("{}/data/postmaster.pid", self.folder.display());
        let pid = std::fs::read_to_string(file).unwrap();
        Command::new("kill")
            .args(["-9", pid.lines().next().unwrap()])
            .status()
            .unwrap();
    }

    async fn sql(&self, statement: &str) -> String {
        let options = PgConnectOptions::new_without_pgpass()
            .socket(self.socket())
            .port(5432)
            .username("postgres")
            .database(if statement.starts_with("CREATE DATABASE") {
                "postgres"
            } else {
                "shop"
            });
        let mut session = PgConnection::connect_with(&options).await.unwrap();
        let row: Option<String> = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()))
            .fetch_optional(&mut session)
            .await
            .unwrap();
        session.close().await.unwrap();
        row.unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.script("stop");
    }
}

/// A control that says when a stage began.
fn at_stage(stage: Stage) -> (Control, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let (reached, is_reached) = tokio::sync::mpsc::unbounded_channel();
    let control = Control::new(CancellationToken::new(), move |event| {
        if event == Event::Stage(stage) {
            reached.send(()).ok();
        }
    });
    (control, is_reached)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postgres_leaves_the_live_database_whole() {
    let world = World::new().await;
    let cluster = Cluster::new(world.path("pg"));
    cluster.sql("CREATE DATABASE shop").await;
    cluster
        .sql("CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 50000) n")
        .await;
    let options = world.options("one");
    world
        .back_up_of(&cluster.server(), "shop", &options)
        .await
        .unwrap();
    let stored = load(&world.restic, "one").await.unwrap();
    cluster.sql("DELETE FROM t WHERE n > 10").await;
    for stage in [Stage::Prepare, Stage::Fill, Stage::Compare] {
        let operation = format!("at-{stage:?}").to_lowercase();
        let (control, mut is_reached) = at_stage(stage);
        let request = Request::new(&operation, "shop", world.path("spool"));
        let (restic, from, to) = (world.restic.clone(), stored.clone(), cluster.server());
        let task = tokio::spawn(async move { fill(&to, &restic, &from, &request, &control).await });
        is_reached.recv().await.unwrap();
        cluster.kill();
        let error = task.await.unwrap().unwrap_err();
        assert!(
            error.kind.is_transient(),
            "{stage:?}: {error} {}",
            error.detail
        );
        cluster.script("start");
        assert_eq!(
            cluster.sql("SELECT count(*)::text FROM t").await,
            "10",
            "{stage:?}"
        );
        let outcome = resume(&cluster.server(), &operation).await.unwrap();
        assert!(
            matches!(outcome, Outcome::RolledBack | Outcome::Nothing),
            "{stage:?}: {outcome:?}"
        );
        assert_eq!(
            resume(&cluster.server(), &operation).await.unwrap(),
            Outcome::Nothing
        );
    }
    ready(&world, &cluster, &stored).await;
    switch_while_killed(&cluster).await;
}

async fn ready(world: &World, cluster: &Cluster, stored: &Stored) {
    let request = Request::new("last", "shop", world.path("spool"));
    let filled = fill(
        &cluster.server(),
        &world.restic,
        stored,
        &request,
        &Control::none(),
    )
    .await
    .unwrap();
    assert!(filled.is_ready);
    // What was marked ready is on the disk, though it was restored without waiting for it.
    cluster.kill();
    cluster.script("start");
    assert!(matches!(
        resume(&cluster.server(), "last").await.unwrap(),
        Outcome::Ready(_)
    ));
}

/// Whenever the server dies: before or after the switch, never between.
async fn switch_while_killed(cluster: &Cluster) {
    for wait in [0, 60, 120] {
        let at = OffsetDateTime::UNIX_EPOCH;
        // A client holds the switch up for a moment.
        let options = PgConnectOptions::new_without_pgpass()
            .socket(cluster.socket())
            .port(5432)
            .username("postgres")
            .database("shop");
        let client = PgConnection::connect_with(&options).await.unwrap();
        let to = cluster.server();
        let task = tokio::spawn(async move { switch(&to, "last", at, &Control::none()).await });
        tokio::time::sleep(Duration::from_millis(wait)).await;
        cluster.kill();
        let result = task.await.unwrap();
        drop(client);
        cluster.script("start");
        let rows = cluster.sql("SELECT count(*)::text FROM t").await;
        match resume(&cluster.server(), "last").await.unwrap() {
            Outcome::Ready(_) => assert!(
                rows == "10" && result.is_err(),
                "{wait} ms: {rows} {result:?}"
            ),
            Outcome::Switched(_) => {
                assert_eq!(rows, "50000", "{wait} ms");
                undo(&cluster.server(), "last", at, &Control::none())
                    .await
                    .unwrap();
                assert_eq!(cluster.sql("SELECT count(*)::text FROM t").await, "10");
                return;
            }
            other => panic!("{other:?} after {wait} ms"),
        }
    }
    switch(
        &cluster.server(),
        "last",
        OffsetDateTime::UNIX_EPOCH,
        &Control::none(),
    )
    .await
    .unwrap();
    assert_eq!(cluster.sql("SELECT count(*)::text FROM t").await, "50000");
}

/// Programs of a restore that are killed: told as what it is, and nothing is left.
#[tokio::test(flavor = "multi_thread")]
async fn killed_programs_end_a_restore_that_leaves_nothing() {
    let world = World::new().await;
    let database = Database::new(
        "CREATE TABLE t AS SELECT n, repeat(md5(n::text), 20) FROM generate_series(1, 60000) n",
    )
    .await;
    let (_, stored) = world.back_up(&database.name, "one").await;
    for (stage, program) in [(Stage::Fetch, "restic"), (Stage::Fill, "pg_restore")] {
        let (control, mut is_reached) = at_stage(stage);
        let request = Request::new("op", &database.name, world.path("spool"));
        let (restic, from) = (world.restic.clone(), stored.clone());
        let task =
            tokio::spawn(async move { fill(&server(), &restic, &from, &request, &control).await });
        is_reached.recv().await.unwrap();
        let sign = match program {
            "restic" => world.folder.display().to_string(),
            _ => database.name.clone(),
        };
        until(program, async || kill_program(program, &sign)).await;
        let error = task.await.unwrap().unwrap_err();
        assert!(
            matches!(error.kind, Kind::Interrupted | Kind::SourceGone),
            "{program}: {error} {}",
            error.detail
        );
        assert!(database.is_alone().await, "{program}");
        assert_eq!(std::fs::read_dir(world.path("spool")).unwrap().count(), 0);
        assert_eq!(
            text(&database.name, "SELECT count(*) FROM t").await,
            "60000"
        );
    }
}

/// Kills the first process of that program whose arguments have `sign` in them.
fn kill_program(program: &str, sign: &str) -> bool {
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let line = String::from_utf8_lossy(&line);
        let first = line.split('\0').next().unwrap_or_default();
        if first.ends_with(program) && line.contains(sign) {
            let pid = entry.file_name();
            return Command::new("kill")
                .arg("-9")
                .arg(pid)
                .status()
                .unwrap()
                .success();
        }
    }
    false
}
