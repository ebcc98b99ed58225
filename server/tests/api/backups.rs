//! Backups by the API: asked for, followed, and kept from those who may not; with restic and Postgres themselves.

use std::{path::PathBuf, sync::Arc};

use axum::{body::Body, http::StatusCode};
use ops::{
    Actor, Ops, Who,
    backups::{self, OwnDatabase, Place},
    operations::do_next,
};
use serde_json::{Value, json};
use server::{adapters::SystemClock, config::Config};
use sqlx::PgPool;
use types::Role;

use crate::{
    console::{Answer, Console, request},
    openapi::check,
};

/// A console that backs its own database up into a folder of the test's.
struct World {
    console: Console,
    folder: PathBuf,
    cto: String,
    document: Value,
}

impl World {
    async fn new(db: PgPool) -> Self {
        let entered = store::entered(&db);
        let folder = std::env::temp_dir().join(format!("ytops-api-{}", entered.database));
        let own = OwnDatabase::new(
            entered.host,
            entered.port,
            entered.user,
            entered.password,
            entered.database,
        );
        let ops = Ops::new(db.clone(), Arc::new(SystemClock)).with_backups(Place::new(
            folder.clone(),
            None,
            Some(own),
        ));
        backups::discover(&ops).await.unwrap();
        let console = Console::over(db, ops, &Config::default());
        let cto = console.token(Role::Cto).await;
        let document = console.get("/api/v1/openapi.json", "").await.json();
        Self {
            console,
            folder,
            cto,
            document,
        }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.console.get(path, &self.cto).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.json()
    }

    /// The same, of the shape that is described under `pattern`.
    async fn get_as(&self, path: &str, pattern: &str) -> Value {
        let told = self.get(path).await;
        let operation = format!("get {pattern}");
        check(&self.document, &operation, "200", "application/json", &told);
        told
    }

    async fn patch(&self, path: &str, body: Value) -> Answer {
        let body = Body::from(body.to_string());
        self.console
            .ask(request("PATCH", path, &self.cto, body))
            .await
    }

    /// Asks for an operation and gives its address.
    async fn begin(&self, path: &str) -> String {
        let answer = self.console.post(path, &self.cto, "").await;
        let told = answer.text();
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{path}: {told}");
        let at = answer.header("location").to_owned();
        let id = answer.json()["operation"].as_i64().unwrap();
        assert_eq!(at, format!("/api/v1/operations/{id}"));
        at
    }

    /// Does what waits, and gives the operation at that address.
    async fn done(&self, at: &str) -> Value {
        assert!(do_next(&self.console.ops, &backups::worker()).await);
        self.get_as(at, "/api/v1/operations/{id}").await
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_set_is_backed_up_proven_and_told(db: PgPool) {
    let world = World::new(db).await;
    let sets = world
        .get_as("/api/v1/backup-sets", "/api/v1/backup-sets")
        .await;
    let set = &sets["sets"][0];
    assert_eq!(set["name"], "console");
    assert_eq!(set["status"], "unknown");
    let path = format!("/api/v1/backup-sets/{}", set["id"]);

    let operation = world.begin(&format!("{path}/run")).await;
    let again = world
        .console
        .post(&format!("{path}/run"), &world.cto, "")
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text());
    let done = world.done(&operation).await;
    assert_eq!(done["phase"], "succeeded", "{done}");
    assert_eq!(done["set"], set["id"]);

    let operation = world.begin(&format!("{path}/drill")).await;
    let done = world.done(&operation).await;
    assert_eq!(done["phase"], "succeeded", "{done}");
    let listed = format!("/api/v1/backups?set={}", set["id"]);
    let taken = world.get_as(&listed, "/api/v1/backups").await;
    let backup = &taken["backups"][0];
    assert_eq!(backup["status"], "succeeded");
    assert!(backup["proven_at"].is_string(), "{backup}");
    assert!(backup["copies"][0]["verified_at"].is_string(), "{backup}");
    let one = format!("/api/v1/backups/{}", backup["id"]);
    world.get_as(&one, "/api/v1/backups/{id}").await;
    let set = world.get_as(&path, "/api/v1/backup-sets/{id}").await;
    assert_eq!(set["status"], "ok", "{}", set["reason"]);
    let history = format!("{path}/history");
    let history = world
        .get_as(&history, "/api/v1/backup-sets/{id}/history")
        .await;
    assert_eq!(history["operations"].as_array().unwrap().len(), 2);

    // The console's own database is not replaced under its feet.
    let plan = format!("{one}/restore-plan");
    let plan = world
        .get_as(&plan, "/api/v1/backups/{id}/restore-plan")
        .await;
    assert!(plan["not_in_place"].as_str().unwrap().contains("runs on"));
    assert_eq!(plan["refused"], Value::Null);

    let figures = world.console.get("/metrics", &world.cto).await.text();
    for name in [
        "ytops_backup_last_good_age_seconds{set=\"console\"}",
        "ytops_backup_proven_age_seconds{set=\"console\"}",
        "ytops_backup_last_success{set=\"console\"} 1",
        "ytops_backup_status{set=\"console\",status=\"ok\"} 1",
    ] {
        assert!(figures.contains(name), "{name}");
    }
    let log = world.get("/api/v1/audit?action=backup.").await;
    assert_eq!(log["entries"].as_array().unwrap().len(), 2, "{log}");
}

/// Dumps are for people who proved their password just now.
#[sqlx::test(migrations = "../migrations")]
async fn a_dump_is_downloaded_and_is_nothing_that_a_browser_shows(db: PgPool) {
    let world = World::new(db).await;
    let set = world.get("/api/v1/backup-sets").await["sets"][0]["id"].clone();
    let operation = world.begin(&format!("/api/v1/backup-sets/{set}/run")).await;
    assert_eq!(world.done(&operation).await["phase"], "succeeded");
    let id = world.get("/api/v1/backups").await["backups"][0]["id"].clone();
    let path = format!("/download/backups/{id}");
    let by = |proved_at| {
        let mut asked = request("GET", &path, "", Body::empty());
        asked.extensions_mut().insert(Actor {
            who: Who::User {
                id: 1,
                session: vec![0; 32],
                proved_at,
                has_second_factor: false,
            },
            name: "cto@example.com".to_owned(),
            ..Actor::system()
        });
        asked
    };
    let asking = world.console.ask(by(None)).await;
    assert_eq!(asking.status, StatusCode::SEE_OTHER);
    assert_eq!(asking.header("location"), format!("/backups/download/{id}"));
    let now = world.console.ops.clock.now();
    let given = world.console.ask(by(Some(now))).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text());
    assert!(given.body.starts_with(b"PGDMP"));
    assert_eq!(given.header("content-type"), "application/octet-stream");
    assert_eq!(given.header("x-content-type-options"), "nosniff");
    assert_eq!(given.header("cache-control"), "no-store");
    let named = given.header("content-disposition");
    assert!(named.starts_with("attachment; filename=\""), "{named}");
    let token = world.console.get(&path, &world.cto).await;
    assert_ne!(token.status, StatusCode::OK);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_target_is_read_back_and_work_is_cancelled(db: PgPool) {
    let world = World::new(db).await;
    let targets = world
        .get_as("/api/v1/backup-targets", "/api/v1/backup-targets")
        .await;
    let target = &targets["targets"][0];
    assert!(target["free_bytes"].as_i64().unwrap() > 0, "{target}");
    let set = world.get("/api/v1/backup-sets").await["sets"][0]["id"].clone();
    let run = format!("/api/v1/backup-sets/{set}/run");

    let operation = world.begin(&run).await;
    let cancel = format!("{operation}/cancel");
    let answer = world.console.post(&cancel, &world.cto, "").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(world.get(&operation).await["phase"], "cancelled");
    let answer = world.console.post(&cancel, &world.cto, "").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);

    let operation = world.begin(&run).await;
    world.done(&operation).await;
    let verify = format!("/api/v1/backup-targets/{}/verify", target["id"]);
    let operation = world.begin(&verify).await;
    let done = world.done(&operation).await;
    assert_eq!(done["phase"], "succeeded", "{done}");
    let targets = world.get("/api/v1/backup-targets").await;
    assert!(targets["targets"][0]["checked_whole_at"].is_string());
}

#[sqlx::test(migrations = "../migrations")]
async fn a_set_is_made_and_changed_member_by_member(db: PgPool) {
    let world = World::new(db).await;
    let target = world.get("/api/v1/backup-targets").await["targets"][0]["id"].clone();
    let new = json!({ "name": "etc", "paths": ["/etc/apt"], "targets": [target] });
    let made = world
        .console
        .post("/api/v1/backup-sets", &world.cto, new.to_string())
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let set = made.json();
    check(
        &world.document,
        "post /api/v1/backup-sets",
        "201",
        "application/json",
        &set,
    );
    let again = world
        .console
        .post("/api/v1/backup-sets", &world.cto, new.to_string())
        .await;
    assert_eq!(again.fields(), ["name"]);

    let path = format!("/api/v1/backup-sets/{}", set["id"]);
    let change = json!({ "schedule": "0 3 * * *", "time_zone": "Europe/Berlin" });
    let changed = world.patch(&path, change).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    let changed = changed.json();
    assert_eq!(changed["schedule"], "0 3 * * *");
    assert_eq!(changed["paths"], set["paths"], "what is not given stays");
    for (body, field) in [
        (json!({ "schedule": "0 0 30 2 *" }), "schedule"),
        (json!({ "paths": ["/proc"] }), "paths"),
        (json!({ "rpo_s": "soon" }), "rpo_s"),
        (json!({ "colour": "red" }), "colour"),
        (json!({ "targets": [999_999] }), "targets"),
    ] {
        let answer = world.patch(&path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(answer.fields(), [field], "{body}");
    }
    let answer = world.patch("/api/v1/backup-sets/999999", json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrations = "../migrations")]
async fn who_may_not_gets_nothing(db: PgPool) {
    let world = World::new(db).await;
    let set = world.get("/api/v1/backup-sets").await["sets"][0]["id"].clone();
    let path = format!("/api/v1/backup-sets/{set}");
    let (viewer, engineer) = (
        world.console.token(Role::Viewer).await,
        world.console.token(Role::Engineer).await,
    );
    for token in [&viewer, &engineer] {
        for act in ["run", "drill"] {
            let answer = world
                .console
                .post(&format!("{path}/{act}"), token, "")
                .await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act}");
        }
        let seen = world.console.get(&path, token).await;
        assert_eq!(seen.status, StatusCode::OK);
    }
    // A token of another team learns nothing of it.
    let team: i64 = sqlx::query_scalar(
        "INSERT INTO team (name, created_at) VALUES ('video', now()) RETURNING id",
    )
    .fetch_one(&world.console.db)
    .await
    .unwrap();
    let (_, confined) = world.console.make_token(Role::Cto, Some(team)).await;
    let sets = world.console.get("/api/v1/backup-sets", &confined).await;
    assert_eq!(sets.json()["sets"], json!([]));
    let answer = world.console.get(&path, &confined).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let run = world
        .console
        .post(&format!("{path}/run"), &confined, "")
        .await;
    assert_eq!(run.status, StatusCode::NOT_FOUND);
    // No token restores: there is no such way in.
    let restore = world
        .console
        .post("/api/v1/backups/1/restore", &world.cto, "")
        .await;
    assert_eq!(restore.status, StatusCode::NOT_FOUND);
}
