//! Whatever is sent: a clear answer that names the field, nothing stored, never a 500.

use axum::{body::Body, http::StatusCode};
use sqlx::PgPool;
use types::Role;

use crate::{
    console::{Console, form, request},
    openapi::check_refusal,
};

const HTML: &str = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
const SQL: &str = "x'%3B%20DROP%20TABLE%20users%3B--";

/// Method, path, body, status, and the field that is named (empty: none).
fn cases() -> Vec<(&'static str, String, &'static str, u16, &'static str)> {
    let long = "x".repeat(201);
    let mut cases = vec![
        // Paths.
        ("GET", "/api/v1/nothing".to_owned(), "", 404, ""),
        ("GET", "/api/v2/stack".to_owned(), "", 404, ""),
        ("GET", "/api".to_owned(), "", 404, ""),
        ("GET", "/api/v1/stack/a".to_owned(), "", 404, ""),
        ("GET", "/api/v1/stack/a/b/c".to_owned(), "", 404, ""),
        ("GET", "/api/v1/stack/none/none".to_owned(), "", 404, ""),
        ("GET", format!("/api/v1/stack/{HTML}/{SQL}"), "", 404, ""),
        ("GET", format!("/api/v1/stack/{long}/b"), "", 422, "project"),
        ("GET", format!("/api/v1/stack/a/{long}"), "", 422, "service"),
        ("GET", "/api/v1/stack/a%00/b".to_owned(), "", 422, "project"),
        ("GET", "/api/v1/stack/a/b%0A".to_owned(), "", 422, "service"),
        ("GET", "/api/v1/stack/%FF/b".to_owned(), "", 400, ""),
        ("GET", "/api/v1/stack/a/%C3%28/logs".to_owned(), "", 400, ""),
        (
            "POST",
            format!("/api/v1/stack/{long}/b/stop"),
            "",
            422,
            "project",
        ),
        (
            "POST",
            "/api/v1/stack/%FF/b/restart".to_owned(),
            "",
            400,
            "",
        ),
        (
            "POST",
            "/api/v1/stack/none/none/start".to_owned(),
            "",
            404,
            "",
        ),
        (
            "POST",
            "/api/v1/stack/none/none/remove".to_owned(),
            "",
            404,
            "",
        ),
        ("GET", format!("/api/v1/{}", "a".repeat(8_000)), "", 404, ""),
        // Methods.
        ("DELETE", "/api/v1/stack".to_owned(), "", 405, ""),
        ("GET", "/api/v1/stack/a/b/stop".to_owned(), "", 405, ""),
        ("PATCH", "/api/v1/verification".to_owned(), "", 405, ""),
        ("PUT", "/api/v1/users".to_owned(), "", 405, ""),
        // Samples.
        ("GET", "/api/v1/series/x/points".to_owned(), "", 422, "id"),
        ("GET", "/api/v1/series/0/points".to_owned(), "", 422, "id"),
        (
            "GET",
            "/api/v1/series/9999999999/points".to_owned(),
            "",
            422,
            "id",
        ),
        ("GET", "/api/v1/series/%FF/points".to_owned(), "", 422, "id"),
        ("GET", "/api/v1/series/7/points".to_owned(), "", 404, ""),
        (
            "GET",
            "/api/v1/series/7/points?points=1".to_owned(),
            "",
            422,
            "points",
        ),
        (
            "GET",
            "/api/v1/series/7/points?points=2001".to_owned(),
            "",
            422,
            "points",
        ),
        (
            "GET",
            "/api/v1/series/7/points?from=yesterday".to_owned(),
            "",
            422,
            "from",
        ),
        (
            "GET",
            "/api/v1/series/7/points?to=-5".to_owned(),
            "",
            422,
            "to",
        ),
        (
            "GET",
            "/api/v1/series/7/points?to=9223372036854775807".to_owned(),
            "",
            422,
            "to",
        ),
        (
            "GET",
            "/api/v1/series/7/points?from=5&to=5".to_owned(),
            "",
            422,
            "to",
        ),
        (
            "GET",
            format!("/api/v1/series?host={HTML}%00"),
            "",
            422,
            "host",
        ),
        (
            "GET",
            format!("/api/v1/series?name={}", "x".repeat(254)),
            "",
            422,
            "name",
        ),
        ("GET", "/api/v1/hosts?x=1".to_owned(), "", 422, "x"),
        ("GET", "/api/v1/stream?samples=none".to_owned(), "", 404, ""),
        (
            "GET",
            "/api/v1/stream?samples=&samples=none".to_owned(),
            "",
            404,
            "",
        ),
        (
            "GET",
            format!("/api/v1/stream?x=1{}", "&samples=".repeat(13)),
            "",
            422,
            "samples",
        ),
        (
            "GET",
            "/api/v1/stream?since=5".to_owned(),
            "",
            422,
            "samples",
        ),
        (
            "GET",
            "/api/v1/stream?samples=&since=-1".to_owned(),
            "",
            422,
            "since",
        ),
        // Queries.
        (
            "GET",
            "/api/v1/stack/a/b/logs?tail=0".to_owned(),
            "",
            422,
            "tail",
        ),
        (
            "GET",
            "/api/v1/stack/a/b/logs?tail=5001".to_owned(),
            "",
            422,
            "tail",
        ),
        (
            "GET",
            "/api/v1/stack/a/b/logs?tail=-1".to_owned(),
            "",
            422,
            "tail",
        ),
        (
            "GET",
            "/api/v1/stack/a/b/logs?tail=ten".to_owned(),
            "",
            422,
            "tail",
        ),
        (
            "GET",
            "/api/v1/stack/a/b/logs?tail=1e3".to_owned(),
            "",
            422,
            "tail",
        ),
        (
            "GET",
            "/api/v1/stack/a/b/logs?tail=".to_owned(),
            "",
            422,
            "tail",
        ),
        (
            "GET",
            "/api/v1/stack/a/b/logs?tail=99999999999999999999999".to_owned(),
            "",
            422,
            "tail",
        ),
        (
            "GET",
            "/api/v1/stack/a/b/logs?tail=1&tail=2".to_owned(),
            "",
            422,
            "tail",
        ),
        (
            "GET",
            "/api/v1/stack/a/b/logs?lines=1".to_owned(),
            "",
            422,
            "lines",
        ),
        ("GET", "/api/v1/stack?all=1".to_owned(), "", 422, "all"),
        ("GET", "/api/v1/preflight?x".to_owned(), "", 422, "x"),
        (
            "GET",
            "/api/v1/overview?%3Cb%3E=1".to_owned(),
            "",
            422,
            "<b>",
        ),
        ("GET", "/api/v1/users?role=cto".to_owned(), "", 422, "role"),
        (
            "GET",
            "/api/v1/audit?result=maybe".to_owned(),
            "",
            422,
            "result",
        ),
        (
            "GET",
            "/api/v1/audit?before=x".to_owned(),
            "",
            422,
            "before",
        ),
        (
            "GET",
            "/api/v1/audit?before=0".to_owned(),
            "",
            422,
            "before",
        ),
        (
            "GET",
            "/api/v1/audit?since=yesterday".to_owned(),
            "",
            422,
            "since",
        ),
        (
            "GET",
            "/api/v1/audit?since=2026-11-24T10:00:00%2B01:00&until=2026-11-24T09:00:00Z".to_owned(),
            "",
            422,
            "until",
        ),
        (
            "GET",
            format!("/api/v1/audit?until={long}"),
            "",
            422,
            "until",
        ),
        (
            "GET",
            format!("/api/v1/audit?actor={long}"),
            "",
            422,
            "actor",
        ),
        (
            "GET",
            "/api/v1/audit?target=a%00b".to_owned(),
            "",
            422,
            "target",
        ),
        (
            "GET",
            "/api/v1/audit?action=a%0Ab".to_owned(),
            "",
            422,
            "action",
        ),
        ("GET", "/api/v1/audit?actor=%FF".to_owned(), "", 400, ""),
        (
            "GET",
            "/api/v1/events?limit=501".to_owned(),
            "",
            422,
            "limit",
        ),
        (
            "GET",
            "/api/v1/events?service=b".to_owned(),
            "",
            422,
            "project",
        ),
        (
            "GET",
            "/api/v1/events?before=9.5".to_owned(),
            "",
            422,
            "before",
        ),
        (
            "GET",
            "/api/v1/stream?topics=deployment,weather".to_owned(),
            "",
            422,
            "topics",
        ),
        (
            "GET",
            "/api/v1/stream?after=-1".to_owned(),
            "",
            422,
            "after",
        ),
        ("GET", "/stream/logs?project=a".to_owned(), "", 401, ""),
        // Bodies.
        ("POST", "/api/v1/stack/a/b/start".to_owned(), "{", 400, ""),
        (
            "POST",
            "/api/v1/stack/a/b/stop".to_owned(),
            "stop it",
            400,
            "",
        ),
        (
            "POST",
            "/api/v1/stack/a/b/stop".to_owned(),
            "[1]",
            422,
            "body",
        ),
        (
            "POST",
            "/api/v1/stack/a/b/restart".to_owned(),
            r#"{"force":"yes"}"#,
            422,
            "force",
        ),
        (
            "POST",
            "/api/v1/verification".to_owned(),
            r#"{"checks":7}"#,
            422,
            "checks",
        ),
        (
            "POST",
            "/api/v1/verification".to_owned(),
            "null",
            422,
            "body",
        ),
    ];
    for text in [HTML, SQL, "%25", "%5C", "%27%22", "%7B%7D"] {
        // Odd, but text: looked for and not found.
        let audit = format!("/api/v1/audit?actor={text}&target={text}");
        let events = format!("/api/v1/events?project={text}");
        cases.push(("GET", audit, "", 200, ""));
        cases.push(("GET", events, "", 200, ""));
    }
    // Text that would turn around what is read beside it.
    let reversed = "/api/v1/audit?actor=%E2%80%AE".to_owned();
    cases.push(("GET", reversed, "", 422, "actor"));
    cases
}

#[sqlx::test(migrations = "../migrations")]
async fn every_refusal_is_clear_and_stores_nothing(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Cto).await;
    let document = console.get("/api/v1/openapi.json", "").await.json();
    let before = console.row_counts().await;
    for (method, path, body, status, field) in cases() {
        let asked = request(method, &path, &token, Body::from(body));
        let answer = console.ask(asked).await;
        let told = format!("{method} {path} {body:?}: {}", answer.text());
        assert_eq!(answer.status.as_u16(), status, "{told}");
        if status >= 400 {
            check_refusal(&document, method, &path, &answer.problem());
            assert_eq!(
                answer.fields().first().map_or("", String::as_str),
                field,
                "{told}"
            );
        }
        if status == 405 {
            assert!(!answer.header("allow").is_empty(), "{told}");
        }
    }
    assert_eq!(console.row_counts().await, before);
}

#[sqlx::test(migrations = "../migrations")]
async fn ten_megabytes_are_too_large_wherever_they_go(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Cto).await;
    let document = console.get("/api/v1/openapi.json", "").await.json();
    let before = console.row_counts().await;
    let body = vec![b'a'; 10 * 1024 * 1024];
    for path in [
        "/api/v1/stack/a/b/stop",
        "/api/v1/verification",
        "/api/v1/nothing",
    ] {
        // Once with its length announced, once in chunks.
        let mut announced = request("POST", path, &token, Body::from(body.clone()));
        announced
            .headers_mut()
            .insert("content-length", body.len().into());
        let answer = console.ask(announced).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(answer.problem()["limit_bytes"], 1024 * 1024);
        check_refusal(&document, "POST", path, &answer.problem());
    }
    let chunks = body
        .chunks(64 * 1024)
        .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()));
    let chunks: Vec<_> = chunks.collect();
    let chunked = Body::from_stream(futures::stream::iter(chunks));
    let answer = console
        .post("/api/v1/stack/a/b/stop", &token, chunked)
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    answer.problem();
    assert_eq!(console.row_counts().await, before);
}

#[sqlx::test(migrations = "../migrations")]
async fn last_event_id_is_a_number(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Viewer).await;
    for wrong in ["x", "-1", "1.5", "9999999999999999999999"] {
        let mut asked = request("GET", "/api/v1/stream", &token, Body::empty());
        asked
            .headers_mut()
            .insert("last-event-id", wrong.parse().unwrap());
        let answer = console.ask(asked).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert_eq!(answer.fields(), ["Last-Event-ID"]);
    }
}

/// A form's fields reach a server function only as text that the database takes, and errors have their own status.
#[sqlx::test(migrations = "../migrations")]
async fn server_functions_answer_with_the_status_of_their_error(db: PgPool) {
    let console = Console::new(db);
    let before = console.row_counts().await;
    let long = format!("url=x&mark={}", "x".repeat(2 * 1024 * 1024));
    let cases: [(&str, &str, u16, &str); 5] = [
        ("/fn/nothing", "", 404, ""),
        ("/fn/sign_in", "email=a%00b&password=x", 422, "email"),
        ("/fn/sign_in", "email=%FF&password=x", 400, ""),
        ("/fn/sign_in", "password=x", 422, "email"),
        ("/fn/sign_in", &long, 413, ""),
    ];
    for (path, body, status, field) in cases {
        let answer = console.ask(form(path, body, "*/*")).await;
        let told = format!("{path}: {}", answer.text());
        assert_eq!(answer.status.as_u16(), status, "{told}");
        let problem = answer.problem();
        assert_eq!(
            answer.fields().first().map_or("", String::as_str),
            field,
            "{told}"
        );
        let error: Result<types::Error, _> = serde_json::from_value(problem);
        assert_eq!(
            error.map(|error| error.status()).ok(),
            Some(status),
            "{told}"
        );
    }
    assert_eq!(console.row_counts().await, before);
}

/// Without a script the browser shows what it gets: the page again, with the error in its query.
#[sqlx::test(migrations = "../migrations")]
async fn a_plain_form_goes_back_to_its_page(db: PgPool) {
    let console = Console::new(db);
    for body in [
        "email=%FF&password=x",
        "password=x",
        "email=a%00b&password=x",
    ] {
        let answer = console
            .ask(form("/fn/sign_in", body, "text/html,application/xhtml+xml"))
            .await;
        assert_eq!(
            answer.status,
            StatusCode::FOUND,
            "{body}: {}",
            answer.text()
        );
        let location = answer.header("location");
        assert!(
            location.starts_with("http://127.0.0.1:3000/sign-in?__path=%2Ffn%2Fsign_in&__err="),
            "{location}"
        );
    }
}

/// Whatever stands in a page's address, a page comes back.
#[sqlx::test(migrations = "../migrations")]
async fn pages_stand_odd_addresses(db: PgPool) {
    let console = Console::new(db);
    let long = "x".repeat(8_000);
    let before = console.row_counts().await;
    for path in [
        "/deployment/%FF/x".to_owned(),
        "/deployment/%00/%00".to_owned(),
        "/deployment/a%2Fb/..%2F..".to_owned(),
        format!("/deployment/{HTML}/{SQL}"),
        format!("/deployment/{long}/{long}"),
        "/settings/users/abc".to_owned(),
        "/settings/users/-1".to_owned(),
        "/settings/users/99999999999999999999".to_owned(),
        "/audit?actor=%FF&before=x&result=maybe".to_owned(),
        "/audit?actor=%00&target=%00".to_owned(),
        "/audit?since=%FF&until=0000-01-01T00:00%00".to_owned(),
        "/audit?since=0000-01-01T00:00:00%2B23:00&until=9999-12-31T23:59".to_owned(),
        format!("/audit?actor={long}"),
        "/sign-in?__err=%FF&__path=%00".to_owned(),
        "/sign-in?__err=bm8&next=%2F%2Fevil.example".to_owned(),
        "/sign-in?next=%00".to_owned(),
        "/setup?token=%00".to_owned(),
        "/setup?token=%FF".to_owned(),
        "/deployment?before=%00".to_owned(),
        "/deployment/a/b?confirm=%00&range=%FF&error=%00".to_owned(),
        "/resources?host=%00&view=%FF&range=%00&before=%FF&from=%00".to_owned(),
        "/wall?host=%FF".to_owned(),
        "/settings/teams?confirm=%00&remove=%FF".to_owned(),
        "/?%FF=%FF".to_owned(),
        "/%FF%00".to_owned(),
        format!("/{long}"),
    ] {
        let mut asked = request("GET", &path, "", Body::empty());
        asked.extensions_mut().insert(ops::Actor::system());
        let answer = console.ask(asked).await;
        let told: String = path.chars().take(80).collect();
        assert!(answer.status.as_u16() < 500, "{told}: {}", answer.status);
        assert!(!answer.text().contains("<script>alert(1)"), "{told}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("object-src 'none'"), "{told}: {policy}");
    }
    assert_eq!(console.row_counts().await, before);
}
