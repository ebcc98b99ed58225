//! /metrics: for this machine and for tokens.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use sqlx::PgPool;
use types::Role;

use crate::console::{Answer, Console, request};

async fn ask(console: &Console, peer: [u8; 4], header: Option<(&'static str, &str)>) -> Answer {
    let mut request = Request::builder().uri("/metrics");
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let peer = SocketAddr::from((peer, 4000));
    request.extensions_mut().insert(ConnectInfo(peer));
    console.ask(request).await
}

#[sqlx::test(migrations = "../migrations")]
async fn they_are_for_this_machine_and_for_tokens(db: PgPool) {
    let console = Console::new(db);
    let token = format!("Bearer {}", console.token(Role::Viewer).await);
    let here = [127, 0, 0, 1];
    let there = [203, 0, 113, 1];
    for (peer, header, status) in [
        (here, None, StatusCode::OK),
        (there, None, StatusCode::UNAUTHORIZED),
        // A proxy on this machine brings others.
        (
            here,
            Some(("x-forwarded-for", "203.0.113.1")),
            StatusCode::UNAUTHORIZED,
        ),
        (
            here,
            Some(("forwarded", "for=203.0.113.1")),
            StatusCode::UNAUTHORIZED,
        ),
        (
            there,
            Some(("x-forwarded-for", "127.0.0.1")),
            StatusCode::UNAUTHORIZED,
        ),
        (
            there,
            Some(("authorization", token.as_str())),
            StatusCode::OK,
        ),
        (
            there,
            Some(("authorization", "Bearer x")),
            StatusCode::UNAUTHORIZED,
        ),
    ] {
        let answer = ask(&console, peer, header).await;
        assert_eq!(answer.status, status, "{peer:?} {header:?}");
        if status == StatusCode::UNAUTHORIZED {
            answer.problem();
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn they_count_what_was_answered(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Cto).await;
    console.get("/api/v1/stack", &token).await;
    console.get("/api/v1/stack/a/b", &token).await;
    console.get("/api/v1/stack/c/d", &token).await;
    console.get("/such/a/page/there/is/none", &token).await;
    console
        .ask(request("BREW", "/api/v1/stack", &token, Body::empty()))
        .await;
    let text = ask(&console, [127, 0, 0, 1], None).await.text();
    for line in [
        "ytops_http_request_duration_seconds_count{route=\"/api/v1/stack\",method=\"GET\",status=\"2xx\"} 1",
        "ytops_http_request_duration_seconds_count{route=\"/api/v1/stack/{project}/{service}\",method=\"GET\",status=\"4xx\"} 2",
        "ytops_http_request_duration_seconds_count{route=\"unmatched\",method=\"GET\",status=\"4xx\"} 1",
        "ytops_http_request_duration_seconds_count{route=\"/api/v1/stack\",method=\"other\",status=\"4xx\"} 1",
        "ytops_database_up 1",
        "ytops_engine_reachable 0",
        "ytops_check_status{check=\"redis\",status=\"unknown\"} 1",
        "ytops_streams_open{kind=\"changes\"} 0",
        "ytops_sign_in_failures_total 0",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} lacks in\n{text}"
        );
    }
    assert!(
        !text.contains("/such/a/page"),
        "labels have no bound:\n{text}"
    );
}

/// Every line is a comment or a sample, and every family is declared once before its samples.
#[sqlx::test(migrations = "../migrations")]
async fn they_read_as_the_format_asks(db: PgPool) {
    let console = Console::new(db);
    let answer = ask(&console, [127, 0, 0, 1], None).await;
    assert!(
        answer
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let mut declared = Vec::new();
    for line in answer.text().lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let name = rest.split(' ').next().unwrap().to_owned();
            assert!(!declared.contains(&name), "{name} is declared twice");
            declared.push(name);
        } else if !line.starts_with("# HELP ") {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let name = sample.split('{').next().unwrap();
            let family = declared.last().unwrap();
            assert!(name.starts_with(family.as_str()), "{line} follows {family}");
        }
    }
    assert!(declared.len() > 10, "{declared:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn without_a_database_they_say_so(db: PgPool) {
    let console = Console::new(db.clone());
    db.close().await;
    let answer = ask(&console, [127, 0, 0, 1], None).await;
    assert_eq!(answer.status, StatusCode::OK);
    let text = answer.text();
    assert!(text.contains("\nytops_database_up 0\n"), "{text}");
    assert!(!text.contains("ytops_engine_reachable"), "{text}");
}
