//! The site's files over HTTP: forms, caching, tags and methods.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test ends at the first surprise"
)]

use std::net::SocketAddr;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use server::http::site;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[derive(RustEmbed)]
#[folder = "tests/site"]
struct Built;

const SCRIPT: &str = "/pkg/app.0123456789abcdef.js";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const AN_HOUR: &str = "public, max-age=3600";

async fn answer(request: Request) -> Response {
    site::file_of::<Built>(request.method(), request.uri(), request.headers())
        .unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Head and body of the answer as they came over the wire.
async fn ask(to: SocketAddr, method: &str, path: &str, headers: &str) -> (String, String) {
    let mut socket = TcpStream::connect(to).await.unwrap();
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    (
        format!("{}\r\n", head.to_ascii_lowercase()),
        body.to_owned(),
    )
}

/// The value of a header; empty where it lacks.
fn header<'a>(head: &'a str, name: &str) -> &'a str {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| *found == name)
        .map_or("", |(_, value)| value)
}

#[tokio::test]
async fn files_come_in_the_form_that_is_asked_for() {
    let to = serve().await;
    // Method, path, Accept-Encoding; status, Content-Encoding, Cache-Control, body.
    for (method, path, accepted, status, coding, caching, body) in [
        (
            "GET",
            SCRIPT,
            "",
            200,
            "",
            FOR_EVER,
            "the script as it is\n",
        ),
        (
            "GET",
            SCRIPT,
            "gzip, br",
            200,
            "br",
            FOR_EVER,
            "the script as .br\n",
        ),
        (
            "GET",
            SCRIPT,
            "gzip",
            200,
            "gzip",
            FOR_EVER,
            "the script as .gz\n",
        ),
        (
            "GET",
            SCRIPT,
            "br;q=0, gzip",
            200,
            "gzip",
            FOR_EVER,
            "the script as .gz\n",
        ),
        (
            "GET",
            SCRIPT,
            "br;q=0,gzip;q=0",
            200,
            "",
            FOR_EVER,
            "the script as it is\n",
        ),
        ("HEAD", SCRIPT, "br", 200, "br", FOR_EVER, ""),
        ("GET", "/icon.svg", "br", 200, "", AN_HOUR, "<svg/>\n"),
        ("POST", SCRIPT, "", 405, "", "", ""),
        ("DELETE", "/icon.svg", "", 405, "", "", ""),
        (
            "GET",
            "/pkg/app.0123456789abcdef.js.br",
            "",
            404,
            "",
            "",
            "",
        ),
        ("GET", "/manifest.json", "", 404, "", "", ""),
        ("GET", "/", "", 404, "", "", ""),
    ] {
        let (head, sent) = ask(
            to,
            method,
            path,
            &format!("accept-encoding: {accepted}\r\n"),
        )
        .await;
        let told = format!("{method} {path} {accepted:?}: {head}");
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{told}");
        assert_eq!(header(&head, "content-encoding"), coding, "{told}");
        assert_eq!(header(&head, "cache-control"), caching, "{told}");
        assert_eq!(sent, body, "{told}");
        if status == 405 {
            assert_eq!(header(&head, "allow"), "get, head", "{told}");
        }
        if status == 200 {
            assert_eq!(header(&head, "vary"), "accept-encoding", "{told}");
            assert!(!header(&head, "etag").is_empty(), "{told}");
        }
        if method == "HEAD" {
            assert_eq!(header(&head, "content-length"), "18", "{told}");
        }
    }
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let to = serve().await;
    let (head, _) = ask(to, "GET", SCRIPT, "accept-encoding: br\r\n").await;
    let tag = header(&head, "etag").to_owned();
    for (accepted, known, status) in [
        ("br", tag.clone(), 304),
        ("br", format!("\"other\", W/{tag}"), 304),
        ("br", "*".to_owned(), 304),
        ("br", "\"other\"".to_owned(), 200),
        // Another form is another content.
        ("gzip", tag.clone(), 200),
    ] {
        let headers = format!("accept-encoding: {accepted}\r\nif-none-match: {known}\r\n");
        let (head, body) = ask(to, "GET", SCRIPT, &headers).await;
        assert!(
            head.starts_with(&format!("http/1.1 {status} ")),
            "{known}: {head}"
        );
        assert_eq!(body.is_empty(), status == 304, "{known}");
        assert_eq!(header(&head, "cache-control"), FOR_EVER);
        if status == 304 {
            assert_eq!(header(&head, "etag"), tag);
        }
    }
}
