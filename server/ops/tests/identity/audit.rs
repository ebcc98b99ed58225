//! The audit log: who sees what of it, and that nobody changes it unseen.

use futures::{StreamExt as _, future::join_all};
use ops::{
    Actor,
    audit::{self, Entry},
    identity::{teams, tokens, users},
};
use serde_json::json;
use sqlx::PgPool;
use time::{Duration, format_description::well_known::Rfc3339};
use types::{
    Error, Role,
    audit::{AuditFilter, Chain, ChainBreak},
    identity::TokenRequest,
};

use crate::world::{HOME, World, caller, refused, told};

impl World {
    /// Writes so many entries.
    async fn write(&self, entries: usize) {
        for n in 0..entries {
            let target = format!("thing {n}");
            audit::record_alone(
                &self.ops,
                &Actor::system(),
                Entry::done("test.write", &target),
            )
            .await
            .unwrap();
        }
    }

    /// Does what only somebody with the database in their hands can do.
    async fn tamper(&self, sql: &'static str) {
        sqlx::raw_sql(
            "ALTER TABLE audit DISABLE TRIGGER ALL; ALTER TABLE audit_head DISABLE TRIGGER ALL",
        )
        .execute(&self.ops.db)
        .await
        .unwrap();
        sqlx::raw_sql(sql).execute(&self.ops.db).await.unwrap();
    }

    async fn broken(&self) -> Option<(i64, ChainBreak)> {
        match audit::verify(&self.ops).await.unwrap() {
            Chain::Whole { .. } => None,
            Chain::Broken { id, reason } => Some((id, reason)),
        }
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_database_refuses_to_change_the_log(db: PgPool) {
    let world = World::new(db);
    world.write(2).await;
    for sql in [
        "UPDATE audit SET actor = 'somebody else' WHERE id = 1",
        "DELETE FROM audit WHERE id = 2",
        "TRUNCATE audit",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "UPDATE audit_head SET id = 1, hash = (SELECT hash FROM audit WHERE id = 1)",
        "UPDATE audit_head SET id = 3",
        "UPDATE audit_head SET hash = hash",
        "WITH forged AS (INSERT INTO audit SELECT 3, at, actor, actor_id, action, target, team, address, user_agent,
                                result, detail, hash, prev_hash FROM audit WHERE id = 1 RETURNING id, hash)
         UPDATE audit_head SET id = forged.id, hash = forged.hash FROM forged",
    ] {
        let error = sqlx::query(sql).execute(&world.ops.db).await.unwrap_err();
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error}");
    }
    assert_eq!(world.broken().await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_empty_log_is_whole_and_a_long_one_too(db: PgPool) {
    let world = World::new(db);
    let zero = Chain::Whole {
        entries: 0,
        head: "0".repeat(64),
    };
    assert_eq!(audit::verify(&world.ops).await.unwrap(), zero);
    // More than one batch, and text that has to be hashed as it is stored.
    let odd = Entry::done("test.write", "ä\u{0}\u{1b}[31m")
        .of_team("web")
        .with(json!({"text": "a\u{0}b\\u0000 \"x\"", "n": 1.5}));
    audit::record_alone(&world.ops, &Actor::system(), odd)
        .await
        .unwrap();
    world.write(1_001).await;
    let Chain::Whole { entries, head } = audit::verify(&world.ops).await.unwrap() else {
        panic!("broken")
    };
    assert_eq!((entries, head.len()), (1_002, 64));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_changed_entry_is_named(db: PgPool) {
    let world = World::new(db);
    world.write(5).await;
    world
        .tamper("UPDATE audit SET target = 'thing 9' WHERE id = 3")
        .await;
    assert_eq!(world.broken().await, Some((3, ChainBreak::Changed)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_column_is_covered_by_the_hash(db: PgPool) {
    let world = World::new(db);
    world.write(2).await;
    for sql in [
        "UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 2",
        "UPDATE audit SET actor = 'x' WHERE id = 2",
        "UPDATE audit SET actor_id = 7 WHERE id = 2",
        "UPDATE audit SET action = 'x' WHERE id = 2",
        "UPDATE audit SET team = '' WHERE id = 2",
        "UPDATE audit SET address = 'x' WHERE id = 2",
        "UPDATE audit SET user_agent = 'x' WHERE id = 2",
        "UPDATE audit SET result = 'failure' WHERE id = 2",
        "UPDATE audit SET detail = '{}' WHERE id = 2",
        "UPDATE audit SET prev_hash = hash WHERE id = 2",
    ] {
        let mut tx = world.ops.begin().await.unwrap();
        drop(tx.rollback().await);
        tx = world.ops.begin().await.unwrap();
        sqlx::raw_sql("CREATE TABLE kept AS TABLE audit")
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.tamper(sql).await;
        assert_eq!(
            world.broken().await,
            Some((2, ChainBreak::Changed)),
            "{sql}"
        );
        world
            .tamper("DELETE FROM audit; INSERT INTO audit TABLE kept; DROP TABLE kept")
            .await;
        assert_eq!(world.broken().await, None, "{sql}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_missing_entry_is_named(db: PgPool) {
    let world = World::new(db);
    world.write(5).await;
    world.tamper("DELETE FROM audit WHERE id = 2").await;
    assert_eq!(world.broken().await, Some((2, ChainBreak::Missing)));
    world
        .tamper("UPDATE audit SET id = id - 1 WHERE id > 2")
        .await;
    assert_eq!(
        world.broken().await,
        Some((2, ChainBreak::Changed)),
        "closing the gap changes what follows"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_log_cut_off_at_the_end_is_told(db: PgPool) {
    let world = World::new(db);
    world.write(5).await;
    world.tamper("DELETE FROM audit WHERE id >= 4").await;
    assert_eq!(world.broken().await, Some((4, ChainBreak::CutOff)));
    world.tamper("DELETE FROM audit").await;
    assert_eq!(world.broken().await, Some((1, ChainBreak::CutOff)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_forged_entry_is_named(db: PgPool) {
    let world = World::new(db);
    world.write(3).await;
    // A link of another chain: it is as it was written, but it does not follow.
    world
        .tamper(
            "CREATE TABLE kept AS TABLE audit;
             UPDATE audit_head SET id = 1, hash = (SELECT hash FROM audit WHERE id = 1);
             DELETE FROM audit WHERE id > 1",
        )
        .await;
    let forged = Entry::done("test.forged", "thing 1");
    audit::record_alone(&world.ops, &Actor::system(), forged)
        .await
        .unwrap();
    assert_eq!(
        world.broken().await,
        None,
        "the chain goes on from where it is told to"
    );
    world
        .tamper(
            "INSERT INTO audit SELECT * FROM kept WHERE id = 3;
             UPDATE audit_head SET id = 3, hash = (SELECT hash FROM kept WHERE id = 3)",
        )
        .await;
    assert_eq!(world.broken().await, Some((3, ChainBreak::OutOfOrder)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_remembered_end_is_checked(db: PgPool) {
    let world = World::new(db);
    world.write(3).await;
    world.tamper("UPDATE audit_head SET id = 2").await;
    assert_eq!(world.broken().await, Some((3, ChainBreak::PastTheEnd)));
    world
        .tamper("UPDATE audit_head SET id = 3, hash = '\\x00'")
        .await;
    assert_eq!(world.broken().await, Some((3, ChainBreak::HeadChanged)));
    world.tamper("DELETE FROM audit_head").await;
    assert_eq!(world.broken().await, Some((3, ChainBreak::HeadChanged)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn entries_written_at_once_still_form_one_chain(db: PgPool) {
    let world = World::new(db);
    join_all((0..20).map(|_| world.write(3))).await;
    assert_eq!(world.count("SELECT count(*) FROM audit").await, 60);
    assert_eq!(world.broken().await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn pages_and_filters(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    world.write(150).await;
    let first = audit::list(&world.ops, &cto, &AuditFilter::default())
        .await
        .unwrap();
    assert_eq!(first.entries.len(), 100);
    assert_eq!(first.entries[0].target, "thing 149");
    let rest = AuditFilter {
        before: first.next,
        ..AuditFilter::default()
    };
    let second = audit::list(&world.ops, &cto, &rest).await.unwrap();
    assert_eq!(second.entries.len(), 52);
    assert_eq!(second.next, None);
    assert_eq!(second.entries[0].id, first.entries[99].id - 1);

    let filter = |actor: &str, action: &str, target: &str, result: &str| AuditFilter {
        actor: actor.to_owned(),
        action: action.to_owned(),
        target: target.to_owned(),
        result: result.to_owned(),
        ..AuditFilter::default()
    };
    let found = async |filter: AuditFilter| {
        let page = audit::list(&world.ops, &cto, &filter).await.unwrap();
        page.entries.len()
    };
    assert_eq!(found(filter("CTO@", "", "", "")).await, 1);
    assert_eq!(
        found(filter("system", "test", "thing 14", "success")).await,
        11
    );
    assert_eq!(found(filter("", "", "", "refused")).await, 0);
    // No character means more than itself.
    assert_eq!(found(filter("", "", "%", "")).await, 0);
    assert_eq!(
        found(filter("", "", "'; DROP TABLE audit; --", "")).await,
        0
    );
    refused(
        audit::list(&world.ops, &cto, &filter("a\0", "", "", "")).await,
        "actor",
    );
    refused(
        audit::list(&world.ops, &cto, &filter("", &"x".repeat(201), "", "")).await,
        "action",
    );
    refused(
        audit::list(&world.ops, &cto, &filter("", "", "", "maybe")).await,
        "result",
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn entries_of_a_time_are_found(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let now = || world.ops.clock.now().format(&Rfc3339).unwrap();
    world.write(2).await;
    world.pass(Duration::minutes(10));
    let from = now();
    world.write(3).await;
    world.pass(Duration::minutes(10));
    let to = now();
    world.write(4).await;
    let filter = |since: &str, until: &str| AuditFilter {
        action: "test.write".to_owned(),
        since: since.to_owned(),
        until: until.to_owned(),
        ..AuditFilter::default()
    };
    for (since, until, count) in [
        ("", "", 9),
        (from.as_str(), "", 7),
        ("", from.as_str(), 2),
        (from.as_str(), to.as_str(), 3),
        // As a form has it.
        (&from[..16], &to[..16], 3),
        (to.as_str(), "9999-12-31T23:59", 4),
    ] {
        let filter = filter(since, until);
        let page = audit::list(&world.ops, &cto, &filter).await.unwrap();
        assert_eq!(page.entries.len(), count, "{since} {until}");
        let pieces = audit::export(&world.ops, &cto, &filter).await.unwrap();
        let file: Vec<String> = pieces.map(Result::unwrap).collect().await;
        assert_eq!(file.concat().lines().count(), count + 1, "{since} {until}");
    }
    for (since, until, field) in [("x", "", "since"), (to.as_str(), from.as_str(), "until")] {
        refused(
            audit::list(&world.ops, &cto, &filter(since, until)).await,
            field,
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_team_lead_sees_their_own_teams_entries(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    for name in ["web", "data"] {
        teams::create(&world.ops, &cto, name).await.unwrap();
    }
    let web = teams::list(&world.ops, &cto)
        .await
        .unwrap()
        .into_iter()
        .find(|team| team.name == "web")
        .unwrap();
    world
        .user_of("lead@example.com", Role::TeamLead, &[web.id])
        .await;
    let lead = world.actor("lead@example.com").await;
    let page = audit::list(&world.ops, &lead, &AuditFilter::default())
        .await
        .unwrap();
    let seen: Vec<&str> = page
        .entries
        .iter()
        .map(|entry| entry.target.as_str())
        .collect();
    assert_eq!(seen, ["web"]);
    world.user("alone@example.com", Role::TeamLead).await;
    let alone = world.actor("alone@example.com").await;
    let page = audit::list(&world.ops, &alone, &AuditFilter::default())
        .await
        .unwrap();
    assert!(page.entries.is_empty(), "of no team, no entry");

    // A token confined to a team sees no more than its team's either, whatever its role.
    let request = TokenRequest {
        name: "reader".to_owned(),
        role: Role::Cto,
        team: Some(web.id),
        days: 1,
        host: None,
    };
    let token = tokens::create(&world.ops, &cto, &request).await.unwrap();
    let token = tokens::token_actor(&world.ops, &token.secret, &caller(HOME))
        .await
        .unwrap()
        .unwrap();
    let page = audit::list(&world.ops, &token, &AuditFilter::default())
        .await
        .unwrap();
    assert!(
        page.entries
            .iter()
            .all(|entry| entry.team.as_deref() == Some("web"))
    );
    assert_eq!(page.entries.len(), 2, "the team and the token");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_export_is_csv_of_all_that_may_be_seen(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let viewer = world.someone(Role::Viewer).await;
    world.write(1_500).await;
    let hostile = Entry::done("test.hostile", "=HYPERLINK(\"http://x\")");
    audit::record_alone(&world.ops, &Actor::system(), hostile)
        .await
        .unwrap();
    let pieces = audit::export(&world.ops, &cto, &AuditFilter::default())
        .await
        .unwrap();
    let pieces: Vec<String> = pieces.map(Result::unwrap).collect().await;
    let csv = pieces.concat();
    assert!(pieces.len() >= 3, "in batches");
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(
        lines[0],
        "id,at,actor,action,target,team,address,user_agent,result,detail"
    );
    let entries = world.count("SELECT count(*) FROM audit").await;
    assert_eq!(i64::try_from(lines.len()).unwrap(), entries + 1);
    assert!(
        lines[1].contains("\"audit.export\""),
        "the export is in it: {}",
        lines[1]
    );
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\""));
    let narrow = AuditFilter {
        action: "hostile".to_owned(),
        ..AuditFilter::default()
    };
    let pieces = audit::export(&world.ops, &cto, &narrow).await.unwrap();
    assert_eq!(pieces.count().await, 2);
    let Err(fault) = audit::export(&world.ops, &viewer, &AuditFilter::default()).await else {
        panic!("exported")
    };
    assert!(matches!(fault.told(), Some(Error::Forbidden { .. })));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_recorded_does_not_happen(db: PgPool) {
    let world = World::new(db);
    let cto = world.someone(Role::Cto).await;
    let ada = world.user("ada@example.com", Role::Viewer).await;
    sqlx::raw_sql("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (action <> 'user.disable')")
        .execute(&world.ops.db)
        .await
        .unwrap();
    let outcome = users::disable(&world.ops, &cto, ada.id).await;
    assert!(outcome.is_err_and(|fault| fault.told().is_none()));
    assert_eq!(
        users::get(&world.ops, &cto, ada.id)
            .await
            .unwrap()
            .disabled_at,
        None
    );
    assert!(
        told(users::reset_password(&world.ops, &cto, 9_999, "a-quiet-harbour").await).status()
            == 404
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_export_ends_with_the_readers_rights(db: PgPool) {
    let world = World::new(db);
    world.someone(Role::Cto).await;
    world.write(2_500).await;
    let reader = |email: &'static str| {
        let world = &world;
        async move {
            let user = world.user(email, Role::Cto).await;
            let actor = world.actor(email).await;
            let pieces = audit::export(&world.ops, &actor, &AuditFilter::default()).await;
            let mut pieces = pieces.unwrap();
            for _ in 0..2 {
                pieces.next().await.unwrap().unwrap();
            }
            (user.id, pieces)
        }
    };
    let (demoted, mut pieces) = reader("demoted@example.com").await;
    sqlx::query("UPDATE users SET role = 'viewer' WHERE id = $1")
        .bind(demoted)
        .execute(&world.ops.db)
        .await
        .unwrap();
    let cut = told(pieces.next().await.unwrap());
    assert!(matches!(cut, Error::Forbidden { .. }), "{cut:?}");
    assert!(pieces.next().await.is_none());
    assert_eq!(world.results("audit.export").await, ["success", "refused"]);
    let (disabled, mut pieces) = reader("disabled@example.com").await;
    users::disable(&world.ops, &Actor::system(), disabled)
        .await
        .unwrap();
    assert_eq!(told(pieces.next().await.unwrap()), Error::Unauthenticated);
    assert!(pieces.next().await.is_none());
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_same_refusal_is_written_once_a_minute(db: PgPool) {
    let world = World::new(db);
    let viewer = world.someone(Role::Viewer).await;
    let refused = async || world.results("audit.list").await.len();
    for _ in 0..3 {
        told(audit::list(&world.ops, &viewer, &AuditFilter::default()).await);
    }
    assert_eq!(refused().await, 1);
    told(teams::list(&world.ops, &viewer).await);
    assert_eq!(
        world.results("team.list").await,
        ["refused"],
        "another is another"
    );
    world.pass(Duration::seconds(59));
    told(audit::list(&world.ops, &viewer, &AuditFilter::default()).await);
    assert_eq!(refused().await, 1);
    world.pass(Duration::seconds(1));
    told(audit::list(&world.ops, &viewer, &AuditFilter::default()).await);
    assert_eq!(refused().await, 2);
}
