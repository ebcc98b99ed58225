//! No stream is without bounds.

use axum::{body::Body, http::StatusCode};
use sqlx::PgPool;
use types::Role;

use crate::console::{Console, request};

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
