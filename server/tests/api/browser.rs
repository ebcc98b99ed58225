//! What a browser gets beside the page: headers that bind it, cookies that end, and nothing in the log that is secret.

use std::sync::{Arc, Mutex};

use axum::{body::Body, http::StatusCode};
use ops::{Actor, identity};
use sqlx::PgPool;
use types::{Role, identity::NewUser};

use crate::console::{Answer, Console, form, request};

const PASSWORD: &str = "a-quiet-harbour";

impl Console {
    async fn cto(&self) {
        let new = NewUser {
            email: "cto@example.com".to_owned(),
            name: "Cto".to_owned(),
            role: Role::Cto,
            teams: Vec::new(),
            password: PASSWORD.to_owned(),
        };
        identity::users::create(&self.ops, &Actor::system(), &new)
            .await
            .unwrap();
    }

    async fn send(&self, function: &str, body: &str, cookies: &str) -> Answer {
        let mut asked = form(&format!("/fn/{function}"), body, "*/*");
        asked
            .headers_mut()
            .insert("cookie", cookies.parse().unwrap());
        self.ask(asked).await
    }
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter();
    let pairs: Vec<&str> = set
        .filter_map(|value| value.to_str().ok()?.split(';').next())
        .collect();
    pairs.join("; ")
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_and_answers_carry_their_whole_policy(db: PgPool) {
    let console = Console::new(db);
    let page = console.get("/sign-in", "").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    let nonce = policy
        .split_once("'nonce-")
        .and_then(|(_, rest)| rest.split_once('\''))
        .map(|(nonce, _)| nonce)
        .unwrap();
    assert!(nonce.len() >= 16, "{policy}");
    assert_eq!(
        policy,
        format!(
            "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
             style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
             object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
    );
    let html = page.text();
    let scripts: Vec<&str> = html
        .split("<script")
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap())
        .collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{script}");
    }
    let again = console.get("/sign-in", "").await;
    assert_ne!(
        again.header("content-security-policy"),
        policy,
        "a nonce is used once"
    );
    let program = console.get("/api/v1/openapi.json", "").await;
    assert_eq!(
        program.header("content-security-policy"),
        "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    );
    for answer in [&page, &program] {
        for (header, value) in [
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            (
                "permissions-policy",
                "camera=(), microphone=(), geolocation=()",
            ),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(header), value, "{header}");
        }
        assert!(!answer.headers.contains_key("strict-transport-security"));
    }
}

/// A page that is left open reads again whatever changes, for days.
#[sqlx::test(migrations = "../migrations")]
async fn what_a_page_asks_by_itself_is_no_use_of_the_session(db: PgPool) {
    let console = Console::new(db);
    console.cto().await;
    let sign_in = format!("email=cto@example.com&password={PASSWORD}");
    let session = cookies(&console.send("sign_in", &sign_in, "").await);
    sqlx::query("UPDATE session SET last_seen_at = last_seen_at - interval '1 hour'")
        .execute(&console.db)
        .await
        .unwrap();
    let ends = async || -> Vec<(String, String)> {
        sqlx::query_as("SELECT last_seen_at::text, expires_at::text FROM session ORDER BY id_hash")
            .fetch_all(&console.db)
            .await
            .unwrap()
    };
    let before = ends().await;
    let mut asked = form("/fn/me", "", "*/*");
    let headers = asked.headers_mut();
    headers.insert("cookie", session.parse().unwrap());
    headers.insert("x-ytops-unattended", "1".parse().unwrap());
    assert_eq!(console.ask(asked).await.status, StatusCode::OK);
    let mut stream = request("GET", "/stream?topics=deployment", "", Body::empty());
    stream
        .headers_mut()
        .insert("cookie", session.parse().unwrap());
    assert_eq!(console.open(stream).await.status(), StatusCode::OK);
    assert_eq!(ends().await, before);
    let by_a_person = console.send("me", "", &session).await;
    assert_eq!(by_a_person.status, StatusCode::OK);
    assert_ne!(ends().await, before);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_new_password_gives_the_session_a_new_id_and_ends_all_others(db: PgPool) {
    let console = Console::new(db);
    console.cto().await;
    let sign_in = format!("email=cto@example.com&password={PASSWORD}");
    let here = cookies(&console.send("sign_in", &sign_in, "").await);
    let there = cookies(&console.send("sign_in", &sign_in, "").await);
    let devices = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM known_device")
            .fetch_one(&console.db)
            .await
            .unwrap()
    };
    assert_eq!(devices().await, 2);
    let change = format!("current={PASSWORD}&new=seven-tall-masts");
    let changed = console.send("change_password", &change, &here).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    let renewed = cookies(&changed);
    assert!(
        renewed.starts_with("ytops=") && !here.contains(&renewed),
        "{renewed}"
    );
    for (session, status) in [
        (&renewed, StatusCode::OK),
        (&here, StatusCode::UNAUTHORIZED),
        (&there, StatusCode::UNAUTHORIZED),
    ] {
        let me = console.send("me", "", session).await;
        assert_eq!(me.status, status, "{}", me.text());
    }
    assert_eq!(devices().await, 1, "this one stays known");
}

#[sqlx::test(migrations = "../migrations")]
async fn every_other_session_can_be_ended_at_once(db: PgPool) {
    let console = Console::new(db);
    console.cto().await;
    let sign_in = format!("email=cto@example.com&password={PASSWORD}");
    let here = cookies(&console.send("sign_in", &sign_in, "").await);
    let there = cookies(&console.send("sign_in", &sign_in, "").await);
    let ended = console.send("end_other_sessions", "", &here).await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text());
    let status = async |session: &str| console.send("me", "", session).await.status;
    assert_eq!(status(&here).await, StatusCode::OK);
    assert_eq!(status(&there).await, StatusCode::UNAUTHORIZED);
}

/// Everything that is traced in this thread.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_log_of_the_console_has_no_secret(db: PgPool) {
    let captured = Captured::default();
    let log = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || log.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let console = Console::new(db);
    console.cto().await;
    let sign_in = format!("email=cto@example.com&password={PASSWORD}&code=");
    let session = cookies(&console.send("sign_in", &sign_in, "").await);
    let wrong = "email=cto@example.com&password=a-wrong-password&code=123456";
    console.send("sign_in", wrong, "").await;
    console
        .send(
            "set_up",
            "token=a-dead-link&name=&email=&password=another-password",
            "",
        )
        .await;
    let made = console
        .send("create_token", "name=ci&role=viewer&days=9", &session)
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let token = made.json()["secret"].as_str().unwrap().to_owned();
    let begun = console.send("begin_totp", "", &session).await.json();
    let seed = begun["secret"].as_str().unwrap().to_owned();
    console.get("/api/v1/stack", &token).await;
    console.get("/api/v1/stack", "ytops_no-token-at-all").await;
    let unread = request(
        "GET",
        "/setup?token=a-link-in-an-address",
        "",
        Body::empty(),
    );
    console.ask(unread).await;
    drop(guard);
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("Answered a request."), "{log}");
    let (session_id, device) = session.split_once("; ").unwrap();
    for secret in [
        PASSWORD,
        "a-wrong-password",
        "another-password",
        "123456",
        "a-dead-link",
        "a-link-in-an-address",
        &token,
        "ytops_no-token-at-all",
        &seed,
        session_id.split_once('=').unwrap().1,
        device.split_once('=').unwrap().1,
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret}: {line:?}");
    }
}
