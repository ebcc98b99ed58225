//! How a request is turned away before it reaches its handler: in the shape its sender reads.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use types::Error;

/// A page request goes to the sign-in page or gets plain words, a server function its error as JSON, the API a problem.
pub fn for_request(request: &Request, error: &Error) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") {
        return problem(error);
    }
    if path.starts_with("/fn/") || path.starts_with("/stream") {
        return (status(error), Json(error)).into_response();
    }
    if *error == Error::Unauthenticated {
        let next = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
        let target = if next == "/" {
            "/sign-in".to_owned()
        } else {
            format!("/sign-in?next={}", encode(next))
        };
        return Redirect::to(&target).into_response();
    }
    (status(error), error.to_string()).into_response()
}

/// An `application/problem+json` document (RFC 9457).
pub fn problem(error: &Error) -> Response {
    let mut document = serde_json::json!({
        "type": format!("/problems/{}", error.slug()),
        "title": status(error).canonical_reason().unwrap_or_default(),
        "status": error.status(),
        "detail": error.to_string(),
    });
    if let Error::Invalid { fields } = error {
        document["errors"] = serde_json::json!(fields);
    }
    if let Error::Internal { trace_id } = error {
        document["trace_id"] = trace_id.clone().into();
    }
    let mut response = (status(error), document.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Error::TooManyTries { retry_after_s } = error {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
    }
    if *error == Error::Unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The error's status.
pub fn status(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Percent-encodes all but what a query value may hold as it is.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}
