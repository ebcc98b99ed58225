//! Answers that are compressed as they are sent: charts and points, which are long and hold no secret.
//!
//! Nothing else is. Where a secret stands beside what a stranger chose, the length of both compressed tells of the secret
//! (BREACH); and a page takes longer to compress than to make: docs/decisions/0012-charts.md.

use std::io::{self, Write};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};

/// What is shorter goes out as it is.
const LEAST_BYTES: usize = 1_024;

/// Compresses charts and points for those who take it.
pub async fn charts(request: Request, next: Next) -> Response {
    if !holds_charts(request.uri().path()) {
        return next.run(request).await;
    }
    let is_taken = takes(request.headers(), "gzip");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_taken && is_json(headers) {
        packed(response).await
    } else {
        response
    }
}

fn holds_charts(path: &str) -> bool {
    path == "/fn/charts" || (path.starts_with("/api/v1/series/") && path.ends_with("/points"))
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

async fn packed(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if plain.len() < LEAST_BYTES {
        return Response::from_parts(parts, Body::from(plain));
    }
    let copy = plain.clone();
    let packing = tokio::task::spawn_blocking(move || gzip(&copy));
    let body = if let Ok(Ok(packed)) = packing.await {
        let coding = HeaderValue::from_static("gzip");
        parts.headers.insert(header::CONTENT_ENCODING, coding);
        parts.headers.remove(header::CONTENT_LENGTH);
        Body::from(packed)
    } else {
        Body::from(plain)
    };
    Response::from_parts(parts, body)
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    packer.write_all(plain)?;
    packer.finish()
}

/// Whether a client takes what is compressed by `coding`.
pub fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    accepts(&accepted.join(","), coding)
}

/// Whether an Accept-Encoding takes `coding`: named or by `*`, and with a weight above nought.
fn accepts(accepted: &str, coding: &str) -> bool {
    let weight_of = |wanted: &str| {
        accepted.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts.next()?.eq_ignore_ascii_case(wanted).then(|| {
                parts
                    .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                    .map_or(1.0, |weight| weight.trim().parse::<f32>().unwrap_or(0.0))
            })
        })
    };
    weight_of(coding).or_else(|| weight_of("*")).unwrap_or(0.0) > 0.0
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Bytes, middleware, routing::get};
    use tower::ServiceExt;

    use super::*;

    async fn asked(path: &'static str, length: usize, accepted: &'static str) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/json")];
        let answer = move || async move { (kind, "1".repeat(length)) };
        let router = Router::new()
            .route(path, get(answer))
            .layer(middleware::from_fn(charts));
        let request = axum::http::Request::builder()
            .uri(path)
            .header(header::ACCEPT_ENCODING, accepted)
            .body(Body::empty())
            .unwrap_or_default();
        let Ok(response) = router.oneshot(request).await;
        response
    }

    async fn bytes_of(response: Response) -> Bytes {
        to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap_or_default()
    }

    #[tokio::test]
    async fn long_charts_are_compressed_for_those_who_take_it() {
        for path in ["/fn/charts", "/api/v1/series/3/points"] {
            let response = asked(path, 5_000, "br, gzip").await;
            assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            let mut plain = String::new();
            let packed = bytes_of(response).await;
            let read =
                io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*packed), &mut plain);
            assert_eq!((read.ok(), plain), (Some(5_000), "1".repeat(5_000)));
            assert!(packed.len() < 500, "{}", packed.len());
        }
    }

    #[tokio::test]
    async fn all_else_goes_out_as_it_is() {
        for (path, length, accepted) in [
            ("/fn/charts", 5_000, "br"),
            ("/fn/charts", 5_000, "gzip;q=0"),
            ("/fn/charts", 100, "gzip"),
            ("/fn/recovery_sheet", 5_000, "gzip"),
            ("/api/v1/stream", 5_000, "gzip"),
            ("/", 5_000, "gzip"),
        ] {
            let response = asked(path, length, accepted).await;
            let coding = response.headers().get(header::CONTENT_ENCODING).cloned();
            assert_eq!(coding, None, "{path}");
            assert_eq!(bytes_of(response).await.len(), length, "{path}");
        }
    }

    #[test]
    fn weights_decide_what_is_accepted() {
        for (accepted, coding, expected) in [
            ("br", "br", true),
            ("gzip, BR;q=0.5", "br", true),
            ("br;q=0", "br", false),
            ("br; q=0.000, gzip", "br", false),
            ("br;q=0, *", "br", false),
            ("*", "br", true),
            ("*;q=0", "br", false),
            ("br;q=x", "br", false),
            ("brotli", "br", false),
            ("", "br", false),
        ] {
            assert_eq!(accepts(accepted, coding), expected, "{accepted}");
        }
    }
}
