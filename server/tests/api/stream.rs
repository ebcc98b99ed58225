//! The event stream: resumed where it was cut, ended with its token.

use axum::{body::Body, http::StatusCode, response::Response};
use futures::StreamExt;
use ops::{Actor, identity};
use sqlx::PgPool;
use types::{
    Role,
    live::{AWAY, Topic},
};

use crate::console::{Console, PATIENCE, request};

/// An open stream, read event by event.
pub struct Events {
    chunks: axum::body::BodyDataStream,
    text: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub id: Option<i64>,
    pub name: String,
    pub data: String,
}

impl Events {
    pub async fn open(console: &Console, path: &str, token: &str, last: Option<i64>) -> Self {
        let mut asked = request("GET", path, token, Body::empty());
        if let Some(id) = last {
            asked.headers_mut().insert("last-event-id", id.into());
        }
        let response = console.open(asked).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        assert!(!response.headers().contains_key("content-encoding"));
        Self::of(response)
    }

    /// The events of an answer.
    pub fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        Self {
            chunks: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The next event; none when the stream has ended.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let mut event = Event::default();
                for line in block.lines() {
                    match line.split_once(':') {
                        Some(("id", id)) => event.id = id.trim().parse().ok(),
                        Some(("event", name)) => event.name = name.trim().to_owned(),
                        Some(("data", data)) => event.data = data.trim().to_owned(),
                        _ => {}
                    }
                }
                if event != Event::default() {
                    return Some(event);
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.chunks.next());
            let chunk = chunk.await.expect("an event or an end in time")?;
            self.text
                .push_str(std::str::from_utf8(&chunk.expect("a chunk")).unwrap());
        }
    }
}

pub async fn publish(console: &Console, topic: Topic, key: &str) -> i64 {
    let mut tx = console.db.begin().await.unwrap();
    store::changes::publish(&mut tx, topic, key).await.unwrap();
    tx.commit().await.unwrap();
    store::changes::head(&console.db).await.unwrap()
}

fn follow(console: &Console) -> tokio::task::JoinHandle<()> {
    tokio::spawn(console.ops.live.clone().follow(console.db.clone()))
}

#[sqlx::test(migrations = "../migrations")]
async fn a_stream_goes_on_where_it_was_cut(db: PgPool) {
    let console = Console::new(db);
    let following = follow(&console);
    let token = console.token(Role::Viewer).await;
    let first = publish(&console, Topic::Deployment, "demo/first").await;
    let mut missed = Vec::new();
    for number in 0..3 {
        missed.push(publish(&console, Topic::Deployment, &format!("demo/{number}")).await);
    }
    let mut events = Events::open(&console, "/api/v1/stream", &token, Some(first)).await;
    for (number, id) in missed.iter().enumerate() {
        let event = events.next().await.unwrap();
        assert_eq!(event.id, Some(*id));
        let expected =
            format!("{{\"id\":{id},\"topic\":\"deployment\",\"key\":\"demo/{number}\"}}");
        assert_eq!(event.data, expected);
    }
    let live = publish(&console, Topic::Health, "redis").await;
    assert_eq!(events.next().await.unwrap().id, Some(live));
    // The same by the query, for pages that open a stream anew.
    let path = format!("/api/v1/stream?after={}", missed[2]);
    let mut again = Events::open(&console, &path, &token, None).await;
    assert_eq!(again.next().await.unwrap().id, Some(live));
    following.abort();
}

#[sqlx::test(migrations = "../migrations")]
async fn only_the_topics_asked_for_come(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Viewer).await;
    let start = store::changes::head(&console.db).await.unwrap();
    publish(&console, Topic::Usage, "").await;
    publish(&console, Topic::Audit, "").await;
    publish(&console, Topic::Identity, "user 7").await;
    let last = publish(&console, Topic::Health, "redis").await;
    let path = "/api/v1/stream?topics=health";
    let mut events = Events::open(&console, path, &token, Some(start)).await;
    assert_eq!(events.next().await.unwrap().id, Some(last));
    // Of what a viewer may not see they hear nothing, or no more than that it changed.
    let mut events = Events::open(&console, "/api/v1/stream", &token, Some(start)).await;
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(events.next().await.unwrap().data);
    }
    assert!(
        heard.iter().all(|data| !data.contains("audit")),
        "{heard:?}"
    );
    assert!(
        heard.iter().all(|data| !data.contains("user 7")),
        "{heard:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_forgotten_is_told(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Viewer).await;
    let old = publish(&console, Topic::Health, "a").await;
    publish(&console, Topic::Health, "b").await;
    let head = publish(&console, Topic::Health, "c").await;
    sqlx::query("DELETE FROM change WHERE id <= $1")
        .bind(head - 1)
        .execute(&console.db)
        .await
        .unwrap();
    for resume in [old, head + 1_000] {
        let mut events = Events::open(&console, "/api/v1/stream", &token, Some(resume)).await;
        let event = events.next().await.unwrap();
        assert_eq!((event.name.as_str(), event.id), ("reset", Some(head)));
    }
    // What comes next is the same to someone who is up to date.
    let mut events = Events::open(&console, "/api/v1/stream", &token, Some(head)).await;
    let following = follow(&console);
    let next = publish_until_heard(&console, &mut events).await;
    assert!(next > head);
    following.abort();
}

#[sqlx::test(migrations = "../migrations")]
async fn a_database_that_goes_away_and_comes_back_is_told(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Viewer).await;
    let mut events = Events::open(&console, "/api/v1/stream", &token, None).await;
    let nowhere = store::nowhere().await;
    let deaf = tokio::spawn(console.ops.live.clone().follow(nowhere));
    assert_eq!(reset(&mut events).await, AWAY);
    // Whoever opens a stream meanwhile learns it too.
    let mut later = Events::open(&console, "/api/v1/stream", &token, None).await;
    assert_eq!(reset(&mut later).await, AWAY);
    deaf.abort();
    let following = follow(&console);
    assert_eq!(reset(&mut events).await, "read everything again");
    following.abort();
}

/// What the next event `reset` says.
async fn reset(events: &mut Events) -> String {
    loop {
        let event = events.next().await.unwrap();
        if event.name == "reset" {
            return event.data;
        }
    }
}

/// The follower starts at the head it finds, which may already hold a change: one of two is heard.
async fn publish_until_heard(console: &Console, events: &mut Events) -> i64 {
    loop {
        publish(console, Topic::Health, "d").await;
        let soon = std::time::Duration::from_millis(200);
        if let Ok(event) = tokio::time::timeout(soon, events.next()).await {
            return event.unwrap().id.unwrap();
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_stream_ends_with_its_token(db: PgPool) {
    let console = Console::new(db);
    let following = follow(&console);
    let (id, token) = console.make_token(Role::Viewer, None).await;
    let (_, other) = console.make_token(Role::Viewer, None).await;
    let start = store::changes::head(&console.db).await.unwrap();
    let path = "/api/v1/stream?topics=health";
    let mut events = Events::open(&console, path, &token, Some(start)).await;
    let mut others = Events::open(&console, path, &other, Some(start)).await;
    let before = publish(&console, Topic::Health, "redis").await;
    assert_eq!(events.next().await.unwrap().id, Some(before));
    assert_eq!(others.next().await.unwrap().id, Some(before));
    identity::tokens::revoke(&console.ops, &Actor::system(), id)
        .await
        .unwrap();
    assert_eq!(events.next().await.unwrap().name, "gone");
    assert_eq!(events.next().await, None);
    let after = publish(&console, Topic::Health, "redis").await;
    assert_eq!(others.next().await.unwrap().id, Some(after));
    // A console that stops ends them too, without a word.
    console.stop();
    assert_eq!(others.next().await, None);
    following.abort();
}

#[sqlx::test(migrations = "../migrations")]
async fn a_role_that_changes_ends_the_stream(db: PgPool) {
    let console = Console::new(db);
    let following = follow(&console);
    let (id, token) = console.make_token(Role::Cto, None).await;
    let start = store::changes::head(&console.db).await.unwrap();
    let path = "/api/v1/stream?topics=health";
    let mut events = Events::open(&console, path, &token, Some(start)).await;
    sqlx::query("UPDATE api_token SET role = 'viewer' WHERE id = $1")
        .bind(id)
        .execute(&console.db)
        .await
        .unwrap();
    publish(&console, Topic::Identity, "").await;
    assert_eq!(events.next().await, None);
    following.abort();
}

#[sqlx::test(migrations = "../migrations")]
async fn a_log_that_cannot_be_read_says_why_in_the_stream(db: PgPool) {
    let console = Console::new(db);
    let actor = Actor::system();
    let mut asked = request(
        "GET",
        "/stream/logs?project=none&service=none",
        "",
        Body::empty(),
    );
    asked.extensions_mut().insert(actor);
    let response = console.open(asked).await;
    let mut events = Events::of(response);
    let event = events.next().await.unwrap();
    assert_eq!(event.name, "problem");
    let error: types::Error = serde_json::from_str(&event.data).unwrap();
    assert_eq!(error.status(), 404, "{error}");
    assert_eq!(events.next().await, None);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_log_is_read_only_where_a_place_for_logs_is_free(db: PgPool) {
    let (console, _engine) = crate::services::console(db).await;
    let open = async |path: &str| {
        let mut asked = request("GET", path, "", Body::empty());
        asked.extensions_mut().insert(Actor::system());
        console.open(asked).await
    };
    let mut followed = Vec::new();
    for _ in 0..8 {
        followed.push(open("/stream/logs?project=demo&service=redis").await);
    }
    let path = "/api/v1/stack/demo/redis/logs";
    assert_eq!(open(path).await.status(), StatusCode::CONFLICT);
    followed.pop();
    for _ in 0..9 {
        assert_eq!(open(path).await.status(), StatusCode::OK, "given back");
    }
}
