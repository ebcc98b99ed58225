//! How a request is turned away before it reaches its handler: in the shape its sender reads.

use std::fmt::Write;

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use types::Error;

use super::{
    functions,
    problem::{Problem, is_for_programs, status},
};

/// A page request goes to the sign-in page or gets plain words; programs, scripts and streams get a problem document;
/// a form sent without a script goes back to its page with the error.
pub fn for_request(request: &Request, error: &Error) -> Response {
    let path = request.uri().path();
    if path.starts_with("/fn/") {
        return functions::refuse(path, request.headers(), error.clone());
    }
    if is_for_programs(path) {
        return Problem(error.clone()).into_response();
    }
    if *error == Error::Unauthenticated {
        let next = request
            .uri()
            .path_and_query()
            .map_or("/", |asked| asked.as_str());
        let target = if next == "/" {
            "/sign-in".to_owned()
        } else {
            format!("/sign-in?next={}", encode(next))
        };
        return Redirect::to(&target).into_response();
    }
    page(error)
}

/// A page of its own, for when none can be rendered; it tries again by itself.
fn page(error: &Error) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta http-equiv=\"refresh\" content=\"5\">\
         <title>ytops</title></head>\
         <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 16px\">\
         <main><h1 style=\"font-size:1.25rem\">The page can't be shown</h1><p>{error}</p>\
         <p><a href=\"\">Try again</a> (this page does so every 5 seconds)</p></main></body></html>"
    );
    let mut response = (status(error), axum::response::Html(html)).into_response();
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; object-src 'none'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
    );
    response
}

/// Percent-encodes all but what a query value may hold as it is.
pub(super) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                // Writing to a String can't fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}
