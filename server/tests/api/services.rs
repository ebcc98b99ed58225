//! Services seen and operated through the API.

use std::sync::Arc;

use axum::{body::Body, http::StatusCode};
use ops::{Actor, outside::EngineError};
use server::config::Config;
use sqlx::PgPool;
use types::{
    Role,
    deployment::{LogLine, Operation},
};

use crate::{
    console::{Console, request},
    engine::{Engine, container, id},
    openapi::check,
    stream::Events,
};

const HOSTILE: &str = "<script>alert(1)</script>'; DROP TABLE users; --/../%00";

pub async fn console(db: PgPool) -> (Console, Arc<Engine>) {
    let log = "{\"level\":\"error\",\"message\":\"first <b>\\u001b[31m\"}\nsecond\nthird\n";
    let engine = Arc::new(Engine {
        containers: vec![
            container("demo", "backend", "video"),
            container("demo", "redis", ""),
            container("demo", HOSTILE, ""),
        ],
        log: log.to_owned(),
        ..Engine::default()
    });
    let empty = Console::new(db.clone());
    let ops = engine.read_by(&empty.ops).await;
    (Console::over(db, ops, &Config::default()), engine)
}

fn encoded(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}

#[sqlx::test(migrations = "../migrations")]
async fn services_are_shown_as_described(db: PgPool) {
    let (console, _engine) = console(db).await;
    let token = console.token(Role::Viewer).await;
    let document = console.get("/api/v1/openapi.json", "").await.json();
    let stack = console.get("/api/v1/stack", &token).await.json();
    check(
        &document,
        "get /api/v1/stack",
        "200",
        "application/json",
        &stack,
    );
    let names: Vec<&str> = stack["projects"][0]["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| service["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let is_tame = |name: &&str| !name.contains(['<', '\'', '/', '%']);
    assert!(names.iter().all(is_tame), "{names:?}");
    for name in names {
        for (rest, described) in [
            ("", "/api/v1/stack/{project}/{service}"),
            ("/logs?tail=2", "/api/v1/stack/{project}/{service}/logs"),
        ] {
            let path = format!("/api/v1/stack/demo/{}{rest}", encoded(name));
            let answer = console.get(&path, &token).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            check(
                &document,
                &format!("get {described}"),
                "200",
                "application/json",
                &answer.json(),
            );
        }
    }
    let service = console
        .get("/api/v1/stack/demo/backend", &token)
        .await
        .json();
    assert_eq!(service["service"]["state"], "running");
    assert_eq!(service["environment"][0], "DATABASE_PASSWORD");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_tail_of_a_log_has_the_lines_asked_for(db: PgPool) {
    let (console, _engine) = console(db).await;
    let token = console.token(Role::Viewer).await;
    let logs = console
        .get("/api/v1/stack/demo/backend/logs?tail=2", &token)
        .await
        .json();
    let messages: Vec<&str> = logs["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, ["second", "third"]);
    assert_eq!(logs["complete"], true);
    let logs = console
        .get("/api/v1/stack/demo/backend/logs", &token)
        .await
        .json();
    assert_eq!(logs["lines"][0]["level"], "error");
    let first = logs["lines"][0]["message"].as_str().unwrap();
    assert!(
        first.starts_with("first <b>") && !first.contains('\u{1b}'),
        "{first:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_log_is_followed_line_by_line(db: PgPool) {
    let (console, _engine) = console(db).await;
    let path = "/stream/logs?project=demo&service=redis&tail=2";
    let mut asked = request("GET", path, "", Body::empty());
    asked.extensions_mut().insert(Actor::system());
    let mut events = Events::of(console.open(asked).await);
    for expected in ["second", "third"] {
        let event = events.next().await.unwrap();
        assert_eq!(event.name, "");
        let line: LogLine = serde_json::from_str(&event.data).unwrap();
        assert_eq!(line.message, expected);
    }
}

/// Of a line without an end no more goes out than of any other.
#[sqlx::test(migrations = "../migrations")]
async fn the_beginning_of_a_very_long_line_reaches_the_page_and_no_more(db: PgPool) {
    let engine = Arc::new(Engine {
        containers: vec![container("demo", "redis", "")],
        long_line: 64 << 20,
        ..Engine::default()
    });
    let empty = Console::new(db.clone());
    let ops = engine.read_by(&empty.ops).await;
    let console = Console::over(db, ops, &Config::default());
    let path = "/stream/logs?project=demo&service=redis&tail=9";
    let mut asked = request("GET", path, "", Body::empty());
    asked.extensions_mut().insert(Actor::system());
    let mut events = Events::of(console.open(asked).await);
    let token = console.token(Role::Viewer).await;
    let read = console.get("/api/v1/stack/demo/redis/logs", &token).await;
    let document = console.get("/api/v1/openapi.json", "").await.json();
    let call = "get /api/v1/stack/{project}/{service}/logs";
    check(&document, call, "200", "application/json", &read.json());
    let read: Vec<LogLine> = serde_json::from_value(read.json()["lines"].take()).unwrap();
    let mut followed = Vec::new();
    for _ in 0..2 {
        let data = events.next().await.unwrap().data;
        followed.push(serde_json::from_str::<LogLine>(&data).unwrap());
    }
    for lines in [read, followed] {
        assert_eq!(lines[0].message, "x".repeat(8 * 1024));
        assert!(lines[0].cut);
        assert_eq!((lines[1].message.as_str(), lines[1].cut), ("after", false));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn operations_follow_the_tokens_role_and_team(db: PgPool) {
    let (console, engine) = console(db).await;
    let mut teams = Vec::new();
    for name in ["video", "billing"] {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO team (name, created_at) VALUES ($1, now()) RETURNING id",
        )
        .bind(name)
        .fetch_one(&console.db)
        .await
        .unwrap();
        teams.push(id);
    }
    let viewer = console.token(Role::Viewer).await;
    let engineer = console.token(Role::Engineer).await;
    let cto = console.token(Role::Cto).await;
    let (_, own) = console.make_token(Role::TeamLead, Some(teams[0])).await;
    let (_, other) = console.make_token(Role::TeamLead, Some(teams[1])).await;
    let path = "/api/v1/stack/demo/backend";
    for (token, verb, status) in [
        (&viewer, "restart", StatusCode::FORBIDDEN),
        (&engineer, "restart", StatusCode::FORBIDDEN),
        (&other, "stop", StatusCode::NOT_FOUND),
        (&own, "stop", StatusCode::NO_CONTENT),
        (&own, "start", StatusCode::NO_CONTENT),
        (&cto, "restart", StatusCode::NO_CONTENT),
    ] {
        let before = engine.operated.lock().unwrap().len();
        let answer = console.post(&format!("{path}/{verb}"), token, "").await;
        assert_eq!(answer.status, status, "{verb}: {}", answer.text());
        let done = engine.operated.lock().unwrap().len() > before;
        assert_eq!(done, status == StatusCode::NO_CONTENT);
    }
    let id = id("backend");
    assert_eq!(
        *engine.operated.lock().unwrap(),
        [
            (id.clone(), Operation::Stop),
            (id.clone(), Operation::Start),
            (id, Operation::Restart)
        ]
    );
    let log = console
        .get("/api/v1/audit?action=service.", &cto)
        .await
        .json();
    let told: Vec<(&str, &str)> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (
                entry["action"].as_str().unwrap(),
                entry["result"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(told.contains(&("service.stop", "success")), "{told:?}");
    assert!(told.contains(&("service.stop", "refused")), "{told:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn an_engine_that_will_not_is_told_as_what_it_is(db: PgPool) {
    let (console, engine) = console(db).await;
    let token = console.token(Role::Cto).await;
    let refused = EngineError::Refused {
        message: "driver failed\u{1b}[31m: <img src=x>".to_owned(),
    };
    let unreachable = EngineError::Unreachable {
        reason: "Connection refused.".to_owned(),
        hint: "systemctl start docker".to_owned(),
    };
    for (error, status) in [
        (refused, StatusCode::CONFLICT),
        (unreachable, StatusCode::SERVICE_UNAVAILABLE),
    ] {
        *engine.refuses.lock().unwrap() = Some(error);
        let answer = console
            .post("/api/v1/stack/demo/redis/restart", &token, "{}")
            .await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let detail = answer.problem()["detail"].as_str().unwrap().to_owned();
        assert!(!detail.contains('\u{1b}'), "{detail:?}");
    }
    let log = console
        .get("/api/v1/audit?result=failure", &token)
        .await
        .json();
    assert_eq!(log["entries"].as_array().map(Vec::len), Some(2), "{log}");
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_are_given_a_list_of_what_the_api_tells(db: PgPool) {
    let (console, engine) = console(db).await;
    let token = console.token(Role::Viewer).await;
    let told = console.get("/api/v1/stack", &token).await;
    assert_eq!(told.status, StatusCode::OK);
    let mut asked = request("POST", "/fn/stack", "", Body::empty());
    asked
        .headers_mut()
        .insert("origin", "http://127.0.0.1:3000".parse().unwrap());
    asked.headers_mut().insert(
        "content-type",
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    asked.headers_mut().remove("authorization");
    asked.extensions_mut().insert(Actor::system());
    let page = console.ask(asked).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers["content-type"], "application/json");
    let (page, told) = (page.json(), told.json());
    assert_eq!(page["engine"], told["engine"]);
    let services = |stack: &serde_json::Value| stack["projects"][0]["services"].as_array().cloned();
    let (listed, services) = (services(&page).unwrap(), services(&told).unwrap());
    assert!(!listed.is_empty());
    assert_eq!(listed.len(), services.len());
    for (listed, service) in listed.iter().zip(&services) {
        for field in ["name", "team", "image", "restarts"] {
            assert_eq!(listed[field], service[field], "{field}");
        }
        assert!(listed.get("container_id").is_none(), "{listed}");
    }
    drop(engine);
}
