//! No stream is without bounds.

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo, http::StatusCode};
use sqlx::PgPool;
use tokio::{sync::mpsc, task::JoinSet};
use tower::ServiceExt;
use types::Role;

use crate::console::{Console, PATIENCE, request};

#[sqlx::test(migrations = "../migrations")]
async fn a_token_gets_so_many_streams_and_a_closed_one_makes_room(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Viewer).await;
    let open = || console.open(request("GET", "/api/v1/stream", &token, Body::empty()));
    let mut streams = Vec::new();
    for _ in 0..64 {
        let stream = open().await;
        assert_eq!(stream.status(), StatusCode::OK);
        streams.push(stream);
    }
    let refused = console.get("/api/v1/stream", &token).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.problem();
    streams.pop();
    assert_eq!(open().await.status(), StatusCode::OK);
}

/// A body that tells when it is first read and then never comes.
fn endless(read: mpsc::UnboundedSender<()>) -> Body {
    Body::from_stream(futures::stream::once(async move {
        let _ = read.send(());
        std::future::pending::<Result<Vec<u8>, std::io::Error>>().await
    }))
}

#[sqlx::test(migrations = "../migrations")]
async fn beyond_what_it_can_work_on_requests_are_turned_away(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Cto).await;
    let (reads, mut read) = mpsc::unbounded_channel();
    let mut open = JoinSet::new();
    for _ in 0..512 {
        let router = console.router.clone();
        let mut asked = request(
            "POST",
            "/api/v1/verification",
            &token,
            endless(reads.clone()),
        );
        let peer = SocketAddr::from(([203, 0, 113, 1], 9));
        asked.extensions_mut().insert(ConnectInfo(peer));
        open.spawn(async move { router.oneshot(asked).await });
    }
    for _ in 0..512 {
        let next = tokio::time::timeout(PATIENCE, read.recv());
        next.await
            .expect("every request is being worked on")
            .unwrap();
    }
    let refused = console.get("/api/v1/overview", &token).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.problem()["kind"], "unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    // Who watches the console gets through, and streams are counted by themselves.
    assert_eq!(console.get("/healthz", "").await.status, StatusCode::OK);
    let figures = console.get("/metrics", &token).await.text();
    assert!(
        figures.contains("\nytops_http_requests_in_flight 512\n"),
        "{figures}"
    );
    open.shutdown().await;
    let again = console.get("/api/v1/overview", &token).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());
}
