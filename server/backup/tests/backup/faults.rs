//! Disks that are full, targets that go and come back, servers that end connections, rows that are very large.

use std::{sync::Arc, time::Duration};

use backup::{
    Control, Kind,
    postgres::load,
    restic::{Filter, ReadData},
    restore::{Request, discard, fill},
};
use tokio::io::AsyncWriteExt;

use crate::support::{
    Database, Hook, Remote, Small, World, hooked, noise, nothing, recorded, run, server, server_as,
    store,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_is_down_is_told_and_used_again_once_it_is_back() {
    let world = World::new().await;
    let remote = Remote::new(&world.path("dav"), None).await;
    std::fs::write(world.path("rclone.conf"), remote.config()).unwrap();
    let restic = world.elsewhere("rclone:dav:backups/ytops").await;
    assert_eq!(
        restic.snapshots(&Filter::default()).await.unwrap_err().kind,
        Kind::NoRepository
    );
    assert!(restic.init().await.unwrap());
    let bytes = noise(3 << 20, 1);
    store(&restic, &bytes[..]).await.unwrap();
    let port = remote.port;
    drop(remote);
    let error = store(&restic, &bytes[..]).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable, "{}", error.detail);
    assert!(error.kind.is_transient());
    let remote = Remote::new(&world.path("dav"), Some(port)).await;
    let made = store(&restic, &bytes[..]).await.unwrap();
    assert_eq!(
        restic.read(&made.id, "/x.dump", 8 << 20).await.unwrap(),
        bytes
    );
    restic.check(ReadData::All, &Control::none()).await.unwrap();
    let error = world
        .elsewhere("rclone:unknown:x")
        .await
        .snapshots(&Filter::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Invalid, "{}", error.detail);
    drop(remote);
}

/// It goes away in the middle and comes back: the backup under way is finished.
#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_goes_for_a_moment_does_not_end_a_backup() {
    let world = World::new().await;
    let remote = Remote::new(&world.path("dav"), None).await;
    std::fs::write(world.path("rclone.conf"), remote.config()).unwrap();
    let restic = world.elsewhere("rclone:dav:r").await;
    restic.init().await.unwrap();
    let bytes = noise(60 << 20, 2);
    let (mut producer, from) = tokio::io::duplex(1 << 20);
    let (sent, whole) = (bytes.clone(), bytes.len());
    let folder = world.path("dav");
    let feeding = tokio::spawn(async move {
        producer.write_all(&sent[..whole / 3]).await.unwrap();
        let port = remote.port;
        drop(remote);
        producer
            .write_all(&sent[whole / 3..whole / 3 * 2])
            .await
            .unwrap();
        let remote = Remote::new(&folder, Some(port)).await;
        producer.write_all(&sent[whole / 3 * 2..]).await.unwrap();
        remote
    });
    let made = store(&restic, from).await.unwrap();
    let remote = feeding.await.unwrap();
    assert!(restic.read(&made.id, "/x.dump", 64 << 20).await.unwrap() == bytes);
    drop(remote);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_leaves_no_snapshot() {
    let world = World::new().await;
    let small = Small::new(world.path("small"), "12m");
    let restic = world
        .elsewhere(&small.0.join("repository").display().to_string())
        .await;
    restic.init().await.unwrap();
    let error = store(&restic, &noise(40 << 20, 3)[..]).await.unwrap_err();
    assert_eq!(error.kind, Kind::NoSpace, "{}", error.detail);
    assert_eq!(restic.snapshots(&Filter::default()).await.unwrap(), []);
    restic.check(ReadData::All, &Control::none()).await.unwrap();
    restic.prune(&Control::none()).await.unwrap();
    store(&restic, &noise(4 << 20, 4)[..]).await.unwrap();
}

/// No room for the dump on its way: it is restored straight from the repository. No room for the database: not begun.
#[tokio::test(flavor = "multi_thread")]
async fn space_is_asked_before_a_restore_begins() {
    let world = World::new().await;
    let database =
        Database::new("CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 100000) n")
            .await;
    let (_, stored) = world.back_up(&database.name, "one").await;
    let small = Small::new(world.path("small"), "200k");
    let (control, events) = recorded();
    let mut request = Request::new("op", &database.name, small.0.join("spool"));
    let filled = fill(&server(), &world.restic, &stored, &request, &control)
        .await
        .unwrap();
    assert!(filled.is_ready && filled.jobs == 1);
    assert!(events.lock().unwrap().iter().any(|event| matches!(event, backup::Event::Note(note) if note.contains("straight from the repository"))));
    request.data_directory = Some(small.0.clone());
    request.operation = "other".to_owned();
    let error = fill(
        &server(),
        &world.restic,
        &stored,
        &request,
        &Control::none(),
    )
    .await
    .unwrap_err();
    assert!(
        error.kind == Kind::NoSpace && error.message.contains("the restored database needs"),
        "{error}"
    );
    assert_eq!(database.all().await.len(), 2, "the fresh one of the first");
}

/// Of what only a superuser may do, an owner lacks nothing else for a drill.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_may_not_create_databases_is_told_what_lets_it() {
    let world = World::new().await;
    let database = Database::new("CREATE TABLE t AS SELECT n FROM generate_series(1, 50) n").await;
    let owner = database.role("LOGIN").await;
    let own = format!(
        "ALTER DATABASE {} OWNER TO {owner}; ALTER TABLE t OWNER TO {owner}",
        database.name
    );
    run(&database.name, &own).await;
    let (_, stored) = world.back_up(&database.name, "one").await;
    let request = Request::new("op", &database.name, world.path("spool"));
    let drill = async || {
        fill(
            &server_as(&owner),
            &world.restic,
            &stored,
            &request,
            &Control::none(),
        )
        .await
    };
    let error = drill().await.unwrap_err();
    let line = format!("ALTER ROLE \"{owner}\" CREATEDB;");
    assert!(
        error.kind == Kind::Denied && error.message.contains(&line),
        "{error} {}",
        error.detail
    );
    assert!(database.is_alone().await);
    run("postgres", &line).await;
    let filled = drill().await.unwrap();
    assert!(filled.is_ready, "{:?}", filled.comparison);
    // The server may still be ending the drill's session, which holds the database.
    let discarded = async {
        while let Err(error) = discard(&server_as(&owner), "op").await {
            assert_eq!(error.kind, Kind::Busy, "{error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), discarded)
        .await
        .unwrap();
    assert!(database.is_alone().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_the_connection_amid_the_dump_leaves_no_snapshot() {
    let world = World::new().await;
    let database = Database::new(
        "CREATE TABLE t AS SELECT n, repeat(md5(n::text), 30) FROM generate_series(1, 20000) n",
    )
    .await;
    let name = database.name.clone();
    let amid: Hook = Arc::new(move || {
        let name = name.clone();
        Box::pin(async move {
            run("postgres", &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
        })
    });
    let options = world.options("one");
    let error = world
        .back_up_of(&hooked(nothing(), amid), &database.name, &options)
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::SourceGone, "{error} {}", error.detail);
    assert!(error.kind.is_transient());
    assert_eq!(
        world.restic.snapshots(&Filter::default()).await.unwrap(),
        []
    );
    world
        .restic
        .check(ReadData::All, &Control::none())
        .await
        .unwrap();
    let mut nowhere = server();
    nowhere.address.port = 1;
    let error = world
        .back_up_of(&nowhere, &database.name, &options)
        .await
        .unwrap_err();
    assert!(error.kind.is_transient(), "{error}");
    let error = world
        .back_up_of(&server(), "no such database", &options)
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::NotFound, "{error}");
}

/// 300 MB in one value, not a gigabyte: a server, a client and a test would hold several copies of that at once. A bytea
/// of 540 MB is beyond what PostgreSQL can write out as text, which is told.
#[tokio::test(flavor = "multi_thread")]
async fn very_large_values_come_back_or_are_told() {
    let world = World::new().await;
    let database = Database::new("CREATE TABLE large (name text, value text); INSERT INTO large SELECT 'one', repeat('0123456789', 30000000)").await;
    let mut options = world.options("one");
    options.checksum_up_to = u64::MAX;
    let made = world
        .back_up_of(&server(), &database.name, &options)
        .await
        .unwrap();
    assert!(made.dump.bytes_read > 300_000_000 && made.manifest.relations[0].checksum.is_some());
    let stored = load(&world.restic, "one").await.unwrap();
    let mut request = Request::new("op", &database.name, world.path("spool"));
    request.checksum_up_to = u64::MAX;
    let filled = fill(
        &server(),
        &world.restic,
        &stored,
        &request,
        &Control::none(),
    )
    .await
    .unwrap();
    assert!(filled.is_ready, "{:?}", filled.comparison);
    assert_eq!(filled.comparison.checksums, 1);
    run(
        &database.name,
        "CREATE TABLE beyond AS SELECT convert_to(repeat('0', 540000000), 'UTF8') AS value",
    )
    .await;
    options.id = "two".to_owned();
    let error = world
        .back_up_of(&server(), &database.name, &options)
        .await
        .unwrap_err();
    assert!(
        error.message.contains("too large"),
        "{error} {}",
        error.detail
    );
    assert!(
        load(&world.restic, "two").await.is_err(),
        "nothing of it is there"
    );
}

/// A byte that was flipped in the repository never reaches a live database.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_dump_is_not_restored() {
    let world = World::new().await;
    let database =
        Database::new("CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 100000) n")
            .await;
    let (_, stored) = world.back_up(&database.name, "one").await;
    crate::repository::flip(&world.packs()[0], 5000);
    for jobs in [1, 2] {
        let mut request = Request::new("op", &database.name, world.path("spool"));
        request.jobs = jobs;
        let error = fill(
            &server(),
            &world.restic,
            &stored,
            &request,
            &Control::none(),
        )
        .await
        .unwrap_err();
        assert_eq!(error.kind, Kind::Damaged, "{error} {}", error.detail);
        assert!(database.is_alone().await);
        assert_eq!(std::fs::read_dir(world.path("spool")).unwrap().count(), 0);
    }
}
