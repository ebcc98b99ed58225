//! A console without a listener, and how it is asked.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use ops::{Actor, Ops, identity};
use serde_json::Value;
use server::{adapters::SystemClock, config::Config, http};
use sqlx::PgPool;
use tokio::sync::watch;
use tower::ServiceExt;
use types::{Role, identity::TokenRequest};

/// No answer takes this long unless something hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A router with what it works on.
pub struct Console {
    pub router: Router,
    pub ops: Ops,
    pub db: PgPool,
    stop: watch::Sender<bool>,
}

/// An answer read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; a body that is none fails the test with its text.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The answer is a problem document that is complete and says the same status as the answer.
    pub fn problem(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16(), "{problem}");
        for member in ["type", "title", "detail", "trace_id"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{member} lacks: {problem}");
        }
        assert_eq!(problem["trace_id"], self.header("x-trace-id"), "{problem}");
        assert!(problem["errors"].is_array(), "{problem}");
        problem
    }

    /// The names of the fields that a problem document refuses.
    pub fn fields(&self) -> Vec<String> {
        let problem = self.problem();
        let errors = problem["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Console {
    pub fn new(db: PgPool) -> Self {
        Self::with(db, &Config::default())
    }

    /// A console with these settings.
    pub fn with(db: PgPool, config: &Config) -> Self {
        let ops = Ops::new(db.clone(), Arc::new(SystemClock));
        Self::over(db, ops, config)
    }

    /// A console that works with these tools.
    pub fn over(db: PgPool, ops: Ops, config: &Config) -> Self {
        let (stop, stopped) = watch::channel(false);
        let router = http::router_with_site(&ops, config, http::site::Sites::default(), stopped);
        Self {
            router,
            ops,
            db,
            stop,
        }
    }

    /// The secret of a new token with this role.
    pub async fn token(&self, role: Role) -> String {
        self.make_token(role, None).await.1
    }

    /// Id and secret of a new token, confined to a team or not.
    pub async fn make_token(&self, role: Role, team: Option<i64>) -> (i64, String) {
        let request = TokenRequest {
            name: self.free_name(&format!("test {}", role.as_str())).await,
            role,
            team,
            days: 1,
            host: None,
        };
        let made = identity::tokens::create(&self.ops, &Actor::system(), &request).await;
        let made = made.expect("a token");
        (made.token.id, made.secret)
    }

    /// A name like `wanted` that no token has yet.
    pub async fn free_name(&self, wanted: &str) -> String {
        let alike: i64 =
            sqlx::query_scalar("SELECT count(*) FROM api_token WHERE starts_with(name, $1)")
                .bind(wanted)
                .fetch_one(&self.db)
                .await
                .expect("a count");
        match alike {
            0 => wanted.to_owned(),
            alike => format!("{wanted} {}", alike + 1),
        }
    }

    /// Asks and reads the answer to its end.
    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let body = tokio::time::timeout(PATIENCE, to_bytes(body, usize::MAX));
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.await.expect("an end in time").expect("a body"),
        }
    }

    /// Asks and gives the answer unread.
    pub async fn open(&self, mut request: Request<Body>) -> Response {
        if request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .is_none()
        {
            let peer = SocketAddr::from(([203, 0, 113, 1], 9));
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let answer = tokio::time::timeout(PATIENCE, self.router.clone().oneshot(request));
        answer.await.expect("an answer in time").expect("an answer")
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(request("GET", path, token, Body::empty())).await
    }

    pub async fn post(&self, path: &str, token: &str, body: impl Into<Body>) -> Answer {
        self.ask(request("POST", path, token, body.into())).await
    }

    /// Tells the console to stop.
    pub fn stop(&self) {
        let _ = self.stop.send(true);
    }

    /// How many rows every table has, but for the log, and what tells of it.
    pub async fn row_counts(&self) -> Vec<(String, i64)> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'
             AND tablename NOT IN ('audit', 'audit_head', 'change', 'change_head') ORDER BY 1",
        )
        .fetch_all(&self.db)
        .await
        .unwrap();
        let mut counts = Vec::new();
        for table in tables {
            let statement = format!("SELECT count(*) FROM \"{table}\"");
            let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
                .fetch_one(&self.db)
                .await
                .unwrap();
            counts.push((table, count));
        }
        counts
    }
}

/// A request with a bearer token, or none where it is empty.
pub fn request(method: &str, path: &str, token: &str, body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(body).expect("a request")
}

/// A form of a page of the console, as a script (`*/*`) or a browser (`text/html`) sends it.
pub fn form(path: &str, body: &str, accept: &str) -> Request<Body> {
    let mut asked = request("POST", path, "", Body::from(body.to_owned()));
    let headers = asked.headers_mut();
    for (name, value) in [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", accept),
        ("host", "127.0.0.1:3000"),
        ("origin", "http://127.0.0.1:3000"),
        ("referer", "http://127.0.0.1:3000/sign-in"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    asked
}
