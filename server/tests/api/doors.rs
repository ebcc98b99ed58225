//! Who gets in: tokens, and cookies for reading only.

use axum::{body::Body, http::StatusCode};
use ops::{Actor, Who, identity};
use sqlx::PgPool;
use types::Role;

use crate::console::{Console, request};

#[sqlx::test(migrations = "../migrations")]
async fn no_token_and_wrong_tokens_are_turned_away(db: PgPool) {
    let console = Console::new(db);
    let (id, revoked) = console.make_token(Role::Cto, None).await;
    identity::tokens::revoke(&console.ops, &Actor::system(), id)
        .await
        .unwrap();
    let long = "x".repeat(5_000);
    for secret in ["", "x", "ytops_x", &revoked, &long] {
        let answer = console.get("/api/v1/stack", secret).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{secret}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        assert_eq!(answer.problem()["type"], "/problems/unauthenticated");
    }
    let mut basic = request("GET", "/api/v1/stack", "", Body::empty());
    basic
        .headers_mut()
        .insert("authorization", "Basic YTpi".parse().unwrap());
    assert_eq!(console.ask(basic).await.status, StatusCode::UNAUTHORIZED);
}

/// Whoever calls by a program has no page to sign in on.
#[sqlx::test(migrations = "../migrations")]
async fn a_program_is_told_which_header_lacks_and_where_the_calls_are_described(db: PgPool) {
    let console = Console::new(db);
    let asked = async |method: &str, path: &str, authorization: &str| {
        let mut asked = request(method, path, "", Body::empty());
        if !authorization.is_empty() {
            let headers = asked.headers_mut();
            headers.insert("authorization", authorization.parse().unwrap());
        }
        let problem = console.ask(asked).await.problem();
        problem["detail"].as_str().unwrap().to_owned()
    };
    for (method, path, authorization, told) in [
        (
            "GET",
            "/api/v1/stack",
            "",
            "This call needs an API token: send the header \"Authorization: Bearer TOKEN\".",
        ),
        (
            "POST",
            "/api/v1/verification",
            "",
            "This call needs an API token",
        ),
        ("GET", "/metrics", "", "This call needs an API token"),
        (
            "GET",
            "/api/v1/stack",
            "Basic YTpi",
            "The header Authorization can't be read: send \"Authorization: Bearer TOKEN\".",
        ),
        (
            "GET",
            "/api/v1/stack",
            "Bearer ytops_x",
            "The token in the header Authorization is not valid",
        ),
    ] {
        let said = asked(method, path, authorization).await;
        assert!(said.starts_with(told), "{method} {path}: {said}");
        let how = "by the command ytops token add.";
        assert!(said.ends_with(how), "{method} {path}: {said}");
    }
    for (method, path) in [
        ("GET", "/api/v1/stacks"),
        ("DELETE", "/api/v1/stack/demo"),
        ("GET", "/api"),
        ("GET", "/api/v2/stack"),
    ] {
        let said = asked(method, path, "").await;
        let told = format!(
            "There is no such resource: {method} {path}. GET /api/v1/openapi.json describes those that there are."
        );
        assert_eq!(said, told);
    }
    let long = format!("/api/v1/{}", "a".repeat(8_000));
    assert!(asked("GET", &long, "").await.len() < 400);
    // What is a person's stays as it is.
    let answer = console
        .ask(request("GET", "/stream", "", Body::empty()))
        .await;
    assert_eq!(answer.problem()["detail"], "Sign in to go on.");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_cookie_reads_and_changes_nothing(db: PgPool) {
    let console = Console::new(db);
    let actor = Actor {
        who: Who::User {
            id: 1,
            session: vec![0; 32],
            proved_at: None,
            has_second_factor: false,
        },
        ..Actor::system()
    };
    let mut read = request("GET", "/api/v1/stack", "", Body::empty());
    read.extensions_mut().insert(actor.clone());
    assert_eq!(console.ask(read).await.status, StatusCode::OK);
    let mut change = request("POST", "/api/v1/verification", "", Body::empty());
    change.extensions_mut().insert(actor);
    change
        .headers_mut()
        .insert("origin", "http://127.0.0.1:3000".parse().unwrap());
    let answer = console.ask(change).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    answer.problem();
}

#[sqlx::test(migrations = "../migrations")]
async fn a_tokens_role_decides(db: PgPool) {
    let console = Console::new(db);
    let viewer = console.token(Role::Viewer).await;
    let cto = console.token(Role::Cto).await;
    for (path, token, status) in [
        ("/api/v1/stack", &viewer, StatusCode::OK),
        ("/api/v1/audit", &viewer, StatusCode::FORBIDDEN),
        ("/api/v1/users", &viewer, StatusCode::FORBIDDEN),
        ("/api/v1/audit", &cto, StatusCode::OK),
        ("/api/v1/users", &cto, StatusCode::OK),
    ] {
        let answer = console.get(path, token).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        if status == StatusCode::FORBIDDEN {
            assert_eq!(answer.problem()["kind"], "forbidden");
        }
    }
    let answer = console.post("/api/v1/verification", &viewer, "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    // The refusal is in the log.
    let log = console
        .get("/api/v1/audit?result=refused", &cto)
        .await
        .json();
    let entries = log["entries"].as_array().unwrap();
    assert!(
        entries
            .iter()
            .any(|entry| entry["actor"] == "token test viewer #1"),
        "{log}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_teams_token_sees_no_users(db: PgPool) {
    let console = Console::new(db);
    let team: i64 = sqlx::query_scalar("SELECT id FROM team WHERE name = 'platform'")
        .fetch_one(&console.db)
        .await
        .unwrap();
    let (_, confined) = console.make_token(Role::Cto, Some(team)).await;
    let answer = console.get("/api/v1/users", &confined).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(
        console.get("/api/v1/audit", &confined).await.status,
        StatusCode::OK
    );
}
