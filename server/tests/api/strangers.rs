//! What is refused is in the log, once a minute; what a stranger writes is not the console's word.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use ops::{Actor, Caller, Who, identity};
use server::config::Config;
use sqlx::PgPool;
use types::Role;

use crate::console::{Console, form, request};

impl Console {
    /// What the log has of `action`: who, on what, how it ended, and why.
    async fn log(&self, action: &str) -> Vec<(String, String, String, String)> {
        sqlx::query_as(
            "SELECT actor, target, result, coalesce(detail::jsonb ->> 'reason', '')
             FROM audit WHERE action = $1 ORDER BY id",
        )
        .bind(action)
        .fetch_all(&self.db)
        .await
        .unwrap()
    }
}

fn from(mut request: Request<Body>, address: [u8; 4]) -> Request<Body> {
    let peer = SocketAddr::from((address, 9));
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

fn person(role: Role) -> Actor {
    Actor {
        who: Who::User {
            id: 1,
            session: vec![0; 32],
            proved_at: None,
            has_second_factor: false,
        },
        name: "ada@example.com".to_owned(),
        role,
        teams: Vec::new(),
        caller: Caller {
            trace_id: ops::trace_id(),
            ..Caller::default()
        },
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn tokens_that_are_none_are_logged_once_a_minute_for_an_address(db: PgPool) {
    let console = Console::new(db);
    let (id, revoked) = console.make_token(Role::Cto, None).await;
    let (late, expired) = console.make_token(Role::Viewer, None).await;
    identity::tokens::revoke(&console.ops, &Actor::system(), id)
        .await
        .unwrap();
    sqlx::query("UPDATE api_token SET created_at = now() - interval '9 days', expires_at = now() WHERE id = $1")
        .bind(late)
        .execute(&console.db)
        .await
        .unwrap();
    let unknown = format!("ytops_{}", "0".repeat(64));
    for _ in 0..5 {
        for secret in ["x", &unknown, &revoked, &expired] {
            let answer = console.get("/api/v1/stack", secret).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        }
    }
    let elsewhere = request("GET", "/api/v1/stack", "x", Body::empty());
    console.ask(from(elsewhere, [198, 51, 100, 7])).await;
    let log = console.log("token.use").await;
    let told: Vec<(&str, &str)> = log
        .iter()
        .map(|(actor, _, _, reason)| (actor.as_str(), reason.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("anonymous", "unknown"),
            ("token test cto #1", "revoked"),
            ("token test viewer #2", "expired"),
            ("anonymous", "unknown"),
        ]
    );
    assert!(log.iter().all(|(_, _, result, _)| result == "refused"));
}

#[sqlx::test(migrations = "../migrations")]
async fn dead_links_are_logged(db: PgPool) {
    let console = Console::new(db);
    for _ in 0..3 {
        let body = "token=none&name=Eve&email=eve@example.com&password=a-quiet-harbour";
        let answer = console.ask(form("/fn/set_up", body, "*/*")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let log = console.log("setup.redeem").await;
    assert_eq!(log.len(), 1);
    assert_eq!(
        (log[0].2.as_str(), log[0].3.as_str()),
        ("refused", "dead-link")
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn another_site_changes_nothing_whatever_it_sends_along(db: PgPool) {
    let over_tls = Config {
        public_url: "https://ops.example.com".to_owned(),
        ..Config::default()
    };
    let console = Console::with(db, &over_tls);
    let asked = |origin: &str, authorization: Option<&str>| {
        let mut asked = form("/fn/set_theme", "theme=dark", "*/*");
        let headers = asked.headers_mut();
        headers.insert("origin", origin.parse().unwrap());
        headers.insert("host", "ops.example.com".parse().unwrap());
        if let Some(value) = authorization {
            headers.insert("authorization", value.parse().unwrap());
        }
        asked
    };
    for (origin, authorization) in [
        ("https://evil.example.com", None),
        ("https://evil.example.com", Some("Bearer x")),
        ("https://evil.example.com", Some("Basic YTpi")),
        ("http://ops.example.com", None),
        ("null", None),
    ] {
        let answer = console.ask(asked(origin, authorization)).await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{origin} {authorization:?}"
        );
        assert_eq!(answer.problem()["type"], "/problems/foreign-origin");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    let log = console.log("request.foreign_origin").await;
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(
        (log[0].0.as_str(), log[0].1.as_str()),
        ("anonymous", "/fn/set_theme")
    );
    let mut signed_in = asked("https://evil.example.com", None);
    signed_in.extensions_mut().insert(person(Role::Viewer));
    console.ask(signed_in).await;
    assert_eq!(
        console.log("request.foreign_origin").await[1].0,
        "ada@example.com"
    );
    let own = console.ask(asked("https://ops.example.com", None)).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text());
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refused_page_is_one_entry_a_minute(db: PgPool) {
    let console = Console::new(db);
    for _ in 0..3 {
        for path in ["/audit", "/settings/users"] {
            let mut asked = request("GET", path, "", Body::empty());
            asked.extensions_mut().insert(person(Role::Viewer));
            assert_eq!(console.ask(asked).await.status, StatusCode::FORBIDDEN);
        }
    }
    let refused: Vec<(String, String)> =
        sqlx::query_as("SELECT action, target FROM audit WHERE result = 'refused' ORDER BY id")
            .fetch_all(&console.db)
            .await
            .unwrap();
    let expected =
        ["/audit", "/settings/users"].map(|path| ("request.refused".to_owned(), path.to_owned()));
    assert_eq!(refused, expected);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_link_with_somebodys_words_shows_none_of_them(db: PgPool) {
    let console = Console::new(db);
    let page = async |address: &str, cookie: &str| {
        let mut asked = request("GET", address, "", Body::empty());
        asked
            .headers_mut()
            .insert("cookie", cookie.parse().unwrap());
        console.ask(asked).await
    };
    // What the console itself sends back is shown.
    let refused = console
        .ask(form("/fn/sign_in", "email=none&password=x", "text/html"))
        .await;
    assert_eq!(refused.status, StatusCode::FOUND, "{}", refused.text());
    let address = refused
        .header("location")
        .replace("http://127.0.0.1:3000", "");
    let cookies: Vec<&str> = refused
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next())
        .collect();
    let shown = page(&address, &cookies.join("; ")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(
        shown.text().contains("not an e-mail address"),
        "{}",
        shown.text()
    );
    // The same address without what came with the refusal is anybody's.
    let clean = page(&address, "").await;
    assert_eq!(clean.status, StatusCode::SEE_OTHER);
    assert_eq!(clean.header("location"), "/sign-in");
    let words =
        "__path=%2Ffn%2Fsign_in&__err=eyJraW5kIjoiY29uZmxpY3QiLCJtZXNzYWdlIjoiQ2FsbCA1NTUifQ%3D%3D";
    for path in ["/sign-in", "/nothing-here"] {
        let led = page(&format!("{path}?next=%2F&{words}"), &cookies.join("; ")).await;
        assert_eq!(led.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(led.header("location"), format!("{path}?next=%2F"));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_shown_once_is_not_made_for_a_page_that_cannot_show_it(db: PgPool) {
    let console = Console::new(db);
    for (path, body) in [
        ("/fn/create_token", "name=ci&role=viewer&days=9"),
        ("/fn/regenerate_codes", ""),
        ("/fn/begin_totp", ""),
        ("/fn/confirm_totp", "code=000000"),
    ] {
        let mut asked = form(path, body, "text/html");
        asked.extensions_mut().insert(Actor::system());
        let answer = console.ask(asked).await;
        assert_eq!(
            answer.status,
            StatusCode::FOUND,
            "{path}: {}",
            answer.text()
        );
        let address = answer.header("location");
        let error = address.split_once("__err=").unwrap().1;
        let error = percent_encoding(error);
        assert!(
            error.contains("conflict") && error.contains("script"),
            "{path}: {error}"
        );
    }
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM api_token")
        .fetch_one(&console.db)
        .await
        .unwrap();
    assert_eq!(made, 0);
    let mut scripted = form("/fn/create_token", "name=ci&role=viewer&days=9", "*/*");
    scripted.extensions_mut().insert(Actor::system());
    assert_eq!(console.ask(scripted).await.status, StatusCode::OK);
}

/// The error in an address: percent-encoded base64.
fn percent_encoding(error: &str) -> String {
    use base64::Engine;
    let error = error
        .replace("%3D", "=")
        .replace("%2B", "+")
        .replace("%2F", "/");
    let engine = base64::engine::general_purpose::URL_SAFE;
    String::from_utf8(engine.decode(error).unwrap()).unwrap()
}
