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

#[sqlx::test(migrations = "../migrations")]
async fn a_cookie_reads_and_changes_nothing(db: PgPool) {
    let console = Console::new(db);
    let actor = Actor {
        who: Who::User {
            id: 1,
            session: vec![0; 32],
            proved_at: None,
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
