//! Tokens confined to a team: of the others they learn nothing.

use axum::{body::Body, http::StatusCode};
use sqlx::PgPool;
use types::{Role, live::Topic};

use crate::{
    console::{Console, request},
    services::console,
    stream::{Events, publish},
};

/// A console with the services `backend` of the team video and two of the team platform, and the token of a CTO that is
/// confined to video.
async fn confined(db: PgPool) -> (Console, String, i64) {
    let (console, _engine) = console(db).await;
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
    let (_, token) = console.make_token(Role::Cto, Some(teams[0])).await;
    (console, token, teams[1])
}

#[sqlx::test(migrations = "../migrations")]
async fn the_stack_and_its_services_are_the_teams_own(db: PgPool) {
    let (console, token, billing) = confined(db).await;
    let stack = console.get("/api/v1/stack", &token).await.json();
    let names: Vec<&str> = stack["projects"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|project| project["services"].as_array().unwrap())
        .map(|service| service["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["backend"]);
    for (path, status) in [
        ("/api/v1/stack/demo/backend", StatusCode::OK),
        ("/api/v1/stack/demo/backend/logs", StatusCode::OK),
        ("/api/v1/stack/demo/redis", StatusCode::NOT_FOUND),
        ("/api/v1/stack/demo/redis/logs", StatusCode::NOT_FOUND),
    ] {
        let answer = console.get(path, &token).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    let not_there = console
        .get("/api/v1/stack/demo/none", &token)
        .await
        .problem();
    let of_others = console
        .get("/api/v1/stack/demo/redis", &token)
        .await
        .problem();
    assert_eq!(not_there["detail"], of_others["detail"]);
    let answer = console
        .post("/api/v1/stack/demo/redis/restart", &token, "")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text());
    let refused: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit WHERE action = 'service.restart' AND result = 'refused'",
    )
    .fetch_one(&console.db)
    .await
    .unwrap();
    assert_eq!(refused, 1, "the log knows");

    let (_, of_nothing) = console.make_token(Role::Cto, Some(billing)).await;
    let stack = console.get("/api/v1/stack", &of_nothing).await.json();
    assert_eq!(stack["projects"].as_array().map(Vec::len), Some(0));
    // Whoever is confined to nothing sees all.
    let all = console.token(Role::Viewer).await;
    let stack = console.get("/api/v1/stack", &all).await.json();
    assert_eq!(
        stack["projects"][0]["services"].as_array().map(Vec::len),
        Some(3)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn events_and_overview_are_of_the_teams_services(db: PgPool) {
    let (console, token, _) = confined(db).await;
    for (nano, service) in ["backend", "redis"].into_iter().enumerate() {
        sqlx::query(
            "INSERT INTO engine_event (at, time_nano, container_id, project, service, action, image)
             VALUES (now(), $1, 'c', 'demo', $2, 'start', 'demo:1')",
        )
        .bind(i64::try_from(nano).unwrap())
        .bind(service)
        .execute(&console.db)
        .await
        .unwrap();
    }
    let events = async |query: &str, token: &str| {
        let answer = console.get(&format!("/api/v1/events{query}"), token).await;
        let events = answer.json()["events"].as_array().unwrap().clone();
        let services = events
            .iter()
            .map(|event| event["service"].as_str().unwrap().to_owned());
        services.collect::<Vec<_>>()
    };
    assert_eq!(events("", &token).await, ["backend"]);
    assert!(
        events("?project=demo&service=redis", &token)
            .await
            .is_empty()
    );
    let all = console.token(Role::Viewer).await;
    assert_eq!(events("", &all).await.len(), 2);

    let overview = console.get("/api/v1/overview", &token).await.json();
    assert_eq!(
        (&overview["services"], &overview["checks"]),
        (&1.into(), &0.into())
    );
    let overview = console.get("/api/v1/overview", &all).await.json();
    assert_eq!(
        (&overview["services"], &overview["checks"]),
        (&3.into(), &8.into())
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_of_the_whole_platform_is_refused(db: PgPool) {
    let (console, token, _) = confined(db).await;
    for (method, path, capability) in [
        ("GET", "/api/v1/verification", "see_stack"),
        ("POST", "/api/v1/verification", "operate_services"),
        ("GET", "/metrics", "see_stack"),
    ] {
        let answer = console
            .ask(request(method, path, &token, Body::empty()))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
        assert_eq!(
            answer.problem()["capability"],
            capability,
            "{method} {path}"
        );
    }
    let log: Vec<(String, String)> =
        sqlx::query_as("SELECT actor, result FROM audit WHERE action = 'verification.run'")
            .fetch_all(&console.db)
            .await
            .unwrap();
    assert_eq!(
        log,
        [("token test cto #1".to_owned(), "refused".to_owned())]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn the_stream_names_no_service_of_another_team(db: PgPool) {
    let (console, token, _) = confined(db).await;
    let first = publish(&console, Topic::Deployment, "demo/backend").await;
    publish(&console, Topic::Deployment, "demo/redis").await;
    publish(&console, Topic::Deployment, "demo/none").await;
    let own = publish(&console, Topic::Deployment, "demo/backend").await;
    publish(&console, Topic::Usage, "demo/redis").await;
    let all = publish(&console, Topic::Deployment, "").await;
    let path = format!("/api/v1/stream?after={first}");
    let mut events = Events::of(
        console
            .open(request("GET", &path, &token, Body::empty()))
            .await,
    );
    for expected in [own, all] {
        assert_eq!(events.next().await.unwrap().id, Some(expected));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_lead_of_no_team_sees_every_service_and_leads_none(db: PgPool) {
    let (console, _engine) = console(db).await;
    let (_, token) = console.make_token(Role::TeamLead, None).await;
    let service = console.get("/api/v1/stack/demo/redis", &token).await;
    assert_eq!(service.status, StatusCode::OK);
    let start = console
        .post("/api/v1/stack/demo/redis/start", &token, "")
        .await;
    assert_eq!(start.status, StatusCode::FORBIDDEN);
    let verify = console.post("/api/v1/verification", &token, "").await;
    assert_eq!(verify.status, StatusCode::FORBIDDEN, "{}", verify.text());
    // Not an empty log, which would read as if nothing had happened.
    let log = console.get("/api/v1/audit", &token).await;
    assert_eq!(log.status, StatusCode::FORBIDDEN, "{}", log.text());
}

#[sqlx::test(migrations = "../migrations")]
async fn the_preflight_tells_since_when(db: PgPool) {
    let (console, _engine) = console(db).await;
    let (_, token) = console.make_token(Role::Viewer, None).await;
    let preflight = console.get("/api/v1/preflight", &token).await.json();
    let requirements = preflight["requirements"].as_array().unwrap();
    assert!(
        requirements.iter().all(|one| one["since"].is_string()),
        "{preflight}"
    );
    let overview = console.get("/api/v1/overview", &token).await.json();
    let problems = overview["problems"].as_array().unwrap();
    let of_machine = problems
        .iter()
        .filter(|one| one["href"] == "/settings/preflight");
    let told: Vec<_> = of_machine
        .map(|one| (&one["since"], &one["when"]))
        .collect();
    assert!(!told.is_empty(), "{overview}");
    for (since, when) in told {
        assert_eq!(since, &requirements[0]["since"]);
        assert_eq!(when, "before");
    }
}
