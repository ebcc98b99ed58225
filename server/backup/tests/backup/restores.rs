//! Restores: what comes back, the switch, the undo, and what is killed.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use backup::{
    Control, Event, Kind, Stage,
    restore::{
        Filled, Outcome, Request, State, discard, fill, resume, roll_back, survey, switch, undo,
    },
};
use sqlx::Connection;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::{
    database::RICH,
    support::{Database, World, ident, run, schema, server, text, try_connect, until},
};

fn at(second: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000 + second).unwrap()
}

async fn filled(world: &World, stored: &backup::postgres::Stored, request: &Request) -> Filled {
    let filled = fill(&server(), &world.restic, stored, request, &Control::none())
        .await
        .unwrap();
    assert!(filled.is_ready, "{:?}", filled.comparison);
    filled
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_brings_back_everything_and_can_be_undone() {
    let world = World::new().await;
    let database = Database::named(|key| format!("Shop \"{key}\" it's ü"), RICH).await;
    let name = &database.name;
    let owner = database.role("LOGIN").await;
    let reader = database.role("NOLOGIN").await;
    let quoted = ident(name);
    run(name, &format!("
        GRANT CREATE ON SCHEMA public TO {owner}; ALTER TABLE orders OWNER TO {owner}; ALTER SEQUENCE tickets OWNER TO {owner};
        GRANT SELECT (id, total) ON orders TO {reader} WITH GRANT OPTION; GRANT USAGE ON SEQUENCE tickets TO {reader};
        ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO {reader};
        ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON orders TO {reader} USING (total < 10);
        ALTER DATABASE {quoted} OWNER TO {owner}; ALTER DATABASE {quoted} CONNECTION LIMIT 40;
        COMMENT ON DATABASE {quoted} IS 'the shop''s \"own\" \\ data';
        ALTER DATABASE {quoted} SET search_path = \"$user\", \"Odd \"\"schema\"\" ü\", public;
        ALTER DATABASE {quoted} SET work_mem = '7MB'; ALTER DATABASE {quoted} SET app.note = 'it''s';
        ALTER ROLE {owner} IN DATABASE {quoted} SET statement_timeout = '5min';
        REVOKE ALL ON DATABASE {quoted} FROM PUBLIC; GRANT CONNECT ON DATABASE {quoted} TO {reader};
        GRANT TEMPORARY ON DATABASE {quoted} TO {reader} WITH GRANT OPTION")).await;
    let before = schema(name);
    let (_, stored) = world.back_up(name, "one").await;
    run(
        name,
        "DROP TABLE public.orders CASCADE; SELECT nextval('public.tickets')",
    )
    .await;
    let broken = schema(name);
    let request = Request::new("op-1", name, world.path("spool"));
    let filled = filled(&world, &stored, &request).await;
    assert_eq!(schema(name), broken, "the live one is not touched yet");
    assert!(filled.comparison.checksums > 5 && filled.created_roles.is_empty());
    let switched = switch(&server(), "op-1", at(0), &Control::none())
        .await
        .unwrap();
    let kept = switched.kept.unwrap();
    assert!(
        switched.pause.is_some() && kept.ends_with("_before_20270115T080000Z"),
        "{kept}"
    );
    assert_eq!(schema(name), before, "owners, grants, settings, comments");
    assert_eq!(
        text(name, "SELECT count(*) FROM public.orders").await,
        "5000"
    );
    assert_eq!(text(name, "SELECT nextval('public.tickets')").await, "4");
    assert_eq!(text(name, "SELECT string_agg(length(lo_get(oid))::text, ',' ORDER BY length(lo_get(oid))) FROM pg_largeobject_metadata").await, "5,5000");
    assert_eq!(
        switch(&server(), "op-1", at(1), &Control::none())
            .await
            .unwrap()
            .pause,
        None,
        "once is enough"
    );
    assert!(
        matches!(resume(&server(), "op-1").await.unwrap(), Outcome::Switched(found) if found.name == kept)
    );
    assert_eq!(database.all().await.len(), 2);
    // And back.
    let undone = undo(&server(), "op-1", at(2), &Control::none())
        .await
        .unwrap();
    assert_eq!(schema(name), broken, "as it was, its comment included");
    assert_eq!(
        undo(&server(), "op-1", at(3), &Control::none())
            .await
            .unwrap()
            .pause,
        None
    );
    let found = survey(&server())
        .await
        .unwrap()
        .into_iter()
        .find(|one| one.operation == "op-1" && &one.database == name)
        .unwrap();
    assert_eq!(
        (found.state, Some(found.name)),
        (State::Undone, undone.kept)
    );
    discard(&server(), "op-1").await.unwrap();
    assert!(database.is_alone().await);
    assert_eq!(
        undo(&server(), "op-1", at(4), &Control::none())
            .await
            .unwrap_err()
            .kind,
        Kind::NotFound
    );
    assert_eq!(std::fs::read_dir(world.path("spool")).unwrap().count(), 0);
}

/// A new machine: neither the database nor its roles are there.
#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_drops_what_waits_and_nothing_that_was_switched() {
    let world = World::new().await;
    let database = Database::named(|key| format!("back_{key}"), RICH).await;
    let name = &database.name;
    let (_, stored) = world.back_up(name, "one").await;
    let request = Request::new("op-back", name, world.path("spool"));
    filled(&world, &stored, &request).await;
    let rolled = roll_back(&server(), "op-back").await.unwrap();
    assert_eq!(rolled, Outcome::RolledBack);
    assert_eq!(
        resume(&server(), "op-back").await.unwrap(),
        Outcome::Nothing
    );
    filled(&world, &stored, &request).await;
    let switched = switch(&server(), "op-back", at(0), &Control::none())
        .await
        .unwrap();
    let left = roll_back(&server(), "op-back").await.unwrap();
    let Outcome::Switched(kept) = left else {
        panic!("{left:?}");
    };
    assert_eq!(Some(kept.name), switched.kept);
    undo(&server(), "op-back", at(1), &Control::none())
        .await
        .unwrap();
    discard(&server(), "op-back").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_comes_back_with_its_roles() {
    let world = World::new().await;
    let database =
        Database::new("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 50)").await;
    let name = &database.name;
    let group = database.role("NOLOGIN").await;
    let owner = database
        .role("LOGIN CREATEDB CONNECTION LIMIT 5 PASSWORD 'it''s secret' VALID UNTIL '2030-01-01'")
        .await;
    run(name, &format!("GRANT {group} TO {owner}; ALTER ROLE {owner} SET work_mem = '5MB'; COMMENT ON ROLE {owner} IS 'an owner';
        ALTER TABLE t OWNER TO {owner}")).await;
    let describe = format!("SELECT jsonb_build_object('role', to_jsonb(r) - 'oid', 'settings', (SELECT array_agg(s.setconfig) FROM pg_db_role_setting s WHERE s.setrole = r.oid),
        'comment', shobj_description(r.oid, 'pg_authid'), 'groups', (SELECT array_agg(roleid::regrole) FROM pg_auth_members m WHERE m.member = r.oid))
        FROM pg_authid r WHERE rolname = '{owner}'");
    let before = text("postgres", &describe).await;
    assert!(
        before.contains("SCRAM") && before.contains(&group),
        "{before}"
    );
    let (_, stored) = world.back_up(name, "one").await;
    run("postgres", &format!("DROP DATABASE {name}")).await;
    run("postgres", &format!("DROP ROLE {owner}")).await;
    run("postgres", &format!("DROP ROLE {group}")).await;
    let made = filled(
        &world,
        &stored,
        &Request::new("op-2", name, world.path("spool")),
    )
    .await;
    let mut roles = made.created_roles.clone();
    roles.sort();
    let mut expected = [group.clone(), owner.clone()];
    expected.sort();
    assert_eq!(roles, expected);
    assert_eq!(text("postgres", &describe).await, before);
    let switched = switch(&server(), "op-2", at(0), &Control::none())
        .await
        .unwrap();
    assert_eq!(switched.kept, None);
    assert_eq!(text(name, "SELECT count(*) FROM t").await, "50");
    assert_eq!(
        undo(&server(), "op-2", at(1), &Control::none())
            .await
            .unwrap_err()
            .kind,
        Kind::NotFound
    );
    // A role that is there is left alone.
    run("postgres", &format!("ALTER ROLE {owner} NOLOGIN")).await;
    let made = filled(
        &world,
        &stored,
        &Request::new("op-3", format!("{name}_copy"), world.path("spool")),
    )
    .await;
    assert_eq!(made.created_roles, [""; 0]);
    assert_eq!(
        text(
            "postgres",
            &format!("SELECT rolcanlogin FROM pg_roles WHERE rolname = '{owner}'")
        )
        .await,
        "false"
    );
    discard(&server(), "op-3").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_and_one_session_that_streams() {
    let world = World::new().await;
    for (fill_with, jobs) in [("", 2), ("", 1), (RICH, 1)] {
        let database = Database::new(fill_with).await;
        let id = crate::support::unique();
        let (_, stored) = world.back_up(&database.name, &id).await;
        let mut request = Request::new(&id, &database.name, world.path("spool"));
        request.jobs = jobs;
        assert_eq!(filled(&world, &stored, &request).await.jobs, jobs);
        assert_eq!(
            switch(&server(), &id, at(0), &Control::none())
                .await
                .unwrap()
                .kept
                .map(|_| ()),
            Some(())
        );
    }
}

/// A name of 63 bytes stays; those beside it are cut.
#[tokio::test(flavor = "multi_thread")]
async fn long_names_are_cut_between_letters() {
    let world = World::new().await;
    let database = Database::named(
        |key| format!("{key}{}", "ü".repeat((63 - key.len()) / 2)),
        "CREATE TABLE t ()",
    )
    .await;
    let (_, stored) = world.back_up(&database.name, "one").await;
    let operation = "0198c0de-0000-7000-8000-000000000001";
    filled(
        &world,
        &stored,
        &Request::new(operation, &database.name, world.path("spool")),
    )
    .await;
    let kept = switch(&server(), operation, at(0), &Control::none())
        .await
        .unwrap()
        .kept
        .unwrap();
    assert!(
        kept.len() <= 63 && kept.ends_with("ü_before_20270115T080000Z"),
        "{kept}"
    );
    undo(&server(), operation, at(1), &Control::none())
        .await
        .unwrap();
    discard(&server(), operation).await.unwrap();
    assert!(database.is_alone().await);
}

/// Clients that come back at once don't hold the switch up, and end up in the restored database.
#[tokio::test(flavor = "multi_thread")]
async fn clients_that_reconnect_in_a_loop_do_not_hold_up_the_switch() {
    let world = World::new().await;
    let database = Database::new("CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await;
    let name = database.name.clone();
    let (_, stored) = world.back_up(&name, "one").await;
    run(&name, "UPDATE t SET a = 2").await;
    filled(
        &world,
        &stored,
        &Request::new("op-4", &name, world.path("spool")),
    )
    .await;
    let stop = CancellationToken::new();
    let connected = Arc::new(AtomicU32::new(0));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (name, stop, connected) = (name.clone(), stop.clone(), Arc::clone(&connected));
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let Ok(mut session) = try_connect(&name, "postgres").await else {
                        continue;
                    };
                    connected.fetch_add(1, Ordering::Relaxed);
                    while !stop.is_cancelled()
                        && sqlx::query("SELECT a FROM t")
                            .execute(&mut session)
                            .await
                            .is_ok()
                    {}
                }
            })
        })
        .collect();
    until("clients", async || connected.load(Ordering::Relaxed) >= 4).await;
    let switched = switch(&server(), "op-4", at(0), &Control::none()).await;
    let undone = undo(&server(), "op-4", at(1), &Control::none()).await;
    stop.cancel();
    for client in clients {
        client.await.unwrap();
    }
    println!(
        "pauses: {:?}, {:?}",
        switched.as_ref().unwrap().pause,
        undone.as_ref().unwrap().pause
    );
    assert!(switched.unwrap().pause.is_some() && undone.unwrap().pause.is_some());
    assert!(connected.load(Ordering::Relaxed) >= 8, "they came back");
    assert_eq!(text(&name, "SELECT a FROM t").await, "2");
}

/// Wherever a restore is killed, the live database is whole, and what is to be done stands in the catalog.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_killed_at_any_stage_is_finished_or_rolled_back() {
    let world = World::new().await;
    let database = Database::new(RICH).await;
    let name = database.name.clone();
    let (_, stored) = world.back_up(&name, "one").await;
    let live = schema(&name);
    for stage in [
        Stage::Prepare,
        Stage::Fetch,
        Stage::Fill,
        Stage::Compare,
        Stage::Ready,
    ] {
        let operation = format!("kill-{}", crate::support::unique());
        let request = Request::new(&operation, &name, world.path("spool"));
        let (reached, mut is_reached) = tokio::sync::mpsc::unbounded_channel();
        let control = Control::new(CancellationToken::new(), move |event| {
            if event == Event::Stage(stage) {
                reached.send(()).ok();
            }
        });
        let (restic, from) = (world.restic.clone(), stored.clone());
        let task =
            tokio::spawn(async move { fill(&server(), &restic, &from, &request, &control).await });
        is_reached.recv().await.unwrap();
        task.abort();
        task.await.ok();
        assert_eq!(schema(&name), live, "{stage:?}");
        // The server may still hold the claim of the session that was dropped.
        let mut outcome = None;
        until("the end of the claim", async || {
            match resume(&server(), &operation).await {
                Ok(done) => outcome = Some(done),
                Err(error) => assert_eq!(error.kind, Kind::Busy, "{error}"),
            }
            outcome.is_some()
        })
        .await;
        match outcome.unwrap() {
            Outcome::Ready(_) => {
                assert_eq!(stage, Stage::Ready);
                switch(&server(), &operation, at(0), &Control::none())
                    .await
                    .unwrap();
                assert_eq!(schema(&name), live);
                undo(&server(), &operation, at(1), &Control::none())
                    .await
                    .unwrap();
                discard(&server(), &operation).await.unwrap();
            }
            Outcome::RolledBack | Outcome::Nothing => {}
            other => panic!("{other:?} at {stage:?}"),
        }
        assert_eq!(
            resume(&server(), &operation).await.unwrap(),
            Outcome::Nothing
        );
        assert!(database.is_alone().await, "nothing is left of {stage:?}");
        assert_eq!(std::fs::read_dir(world.path("spool")).unwrap().count(), 0);
    }
}

/// Between `CREATE DATABASE` and its mark: the name alone tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_database_without_its_mark_is_known_by_its_name() {
    let database = Database::new("").await;
    run(
        "postgres",
        &format!(
            "CREATE DATABASE {}_restore_op-5",
            ident(&database.name).trim_matches('"')
        )
        .replace("op-5", "op5"),
    )
    .await;
    assert_eq!(resume(&server(), "op5").await.unwrap(), Outcome::RolledBack);
    assert!(database.is_alone().await);
}

/// A switch that is cut off leaves the live database as it was, taking connections.
#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_is_killed_changes_nothing_or_all() {
    let world = World::new().await;
    let database = Database::new("CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await;
    let name = database.name.clone();
    let (_, stored) = world.back_up(&name, "one").await;
    filled(
        &world,
        &stored,
        &Request::new("op-6", &name, world.path("spool")),
    )
    .await;
    // A prepared transaction is a session that nobody can end; the server refuses where the tests' cluster has none.
    for _ in 0..5 {
        let task =
            tokio::spawn(async move { switch(&server(), "op-6", at(0), &Control::none()).await });
        let blocker = try_connect(&name, "postgres").await;
        task.abort();
        task.await.ok();
        drop(blocker);
        until("the live database", async || {
            try_connect(&name, "postgres").await.is_ok()
        })
        .await;
        assert_eq!(text(&name, "SELECT a FROM t").await, "1");
    }
    until("a switch", async || {
        switch(&server(), "op-6", at(1), &Control::none())
            .await
            .is_ok()
    })
    .await;
    assert!(matches!(
        resume(&server(), "op-6").await.unwrap(),
        Outcome::Switched(_)
    ));
    assert_eq!(database.all().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_restores_at_once_one_is_refused() {
    let world = World::new().await;
    let database = Database::new("CREATE TABLE t (a int)").await;
    let (_, stored) = world.back_up(&database.name, "one").await;
    let (reached, mut is_reached) = tokio::sync::mpsc::unbounded_channel();
    let control = Control::new(CancellationToken::new(), move |event| {
        reached.send(event).ok();
    });
    let cancel = control.cancel.clone();
    let (restic, from) = (world.restic.clone(), stored.clone());
    let first = Request::new("first", &database.name, world.path("spool"));
    let task = tokio::spawn(async move { fill(&server(), &restic, &from, &first, &control).await });
    is_reached.recv().await.unwrap();
    let second = Request::new("second", &database.name, world.path("spool"));
    let error = fill(&server(), &world.restic, &stored, &second, &Control::none())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Busy);
    cancel.cancel();
    assert_eq!(task.await.unwrap().unwrap_err().kind, Kind::Cancelled);
    assert!(database.is_alone().await, "a cancelled one leaves nothing");
    let error = fill(
        &server(),
        &world.restic,
        &stored,
        &Request::new("x", "postgres", world.path("spool")),
        &Control::none(),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind, Kind::Invalid, "the server's own database");
}

/// What was damaged between backup and restore never becomes live.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_differs_is_not_made_ready() {
    let world = World::new().await;
    let database = Database::new("CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await;
    let (_, stored) = world.back_up(&database.name, "one").await;
    // Restored rows differ: a trigger of the server would do that, here another manifest does.
    let mut other = stored.clone();
    run(&database.name, "INSERT INTO t VALUES (2)").await;
    let (_, later) = world.back_up(&database.name, "two").await;
    other.details = later.details;
    let request = Request::new("op-7", &database.name, world.path("spool"));
    let error = fill(&server(), &world.restic, &other, &request, &Control::none())
        .await
        .unwrap_err();
    assert_eq!(
        error.kind,
        Kind::Invalid,
        "a manifest of another dump: {error}"
    );
    assert!(database.is_alone().await);
    let mut session = try_connect(&database.name, "postgres").await.unwrap();
    assert!(session.ping().await.is_ok());
}
