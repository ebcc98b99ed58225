//! Errors on their way out: one document that the API, server functions and streams answer with alike.
//!
//! It is an `application/problem+json` (RFC 9457) that also holds the members of [`types::Error`], so that a page
//! reads back the very error and a program reads the standard's members.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ops::Caller;
use serde_json::{Map, Value};
use types::Error;

use super::api::told::Call;

/// The media type of the documents.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error that a handler or a layer ends with; [`shape`] writes the document once the trace id is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(pub Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        let headers = response.headers_mut();
        match &self.0 {
            Error::TooManyTries { retry_after_s } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
            }
            Error::Unavailable { .. } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(1));
            }
            Error::Unauthenticated => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"ytops\""),
                );
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The error's status.
pub fn status(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// No page stands at such an address: programs, scripts and streams read the answer.
pub fn is_for_programs(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(first, "api" | "fn" | "stream" | "metrics")
}

/// Writes the document of every [`Problem`] that comes from within, and one for each bare refusal of the router or a
/// layer where programs read it.
pub async fn shape(request: Request, next: Next) -> Response {
    let for_programs = is_for_programs(request.uri().path());
    let call = Call::of(&request);
    let trace_id = request
        .extensions()
        .get::<Caller>()
        .map(|caller| caller.trace_id.clone())
        .unwrap_or_default();
    let mut response = next.run(request).await;
    if let Some(Problem(error)) = response.extensions_mut().remove::<Problem>() {
        let error = under_trace_id(error, &trace_id);
        let mut document = of_error(&error, &trace_id);
        if let Some(told) = call.and_then(|call| call.told(&error)) {
            document.insert("detail".to_owned(), told.into());
        }
        return write(response, document);
    }
    let code = response.status();
    if for_programs && (code.is_client_error() || code.is_server_error()) && is_bare(&response) {
        return write(response, of_status(code, &trace_id));
    }
    response
}

/// Server functions know no trace id where they fail before the use-case: the request's is as good.
fn under_trace_id(error: Error, trace_id: &str) -> Error {
    match error {
        Error::Internal { trace_id: named } if named.len() != trace_id.len() => {
            tracing::error!(trace_id, place = named, "A request failed inside.");
            Error::Internal {
                trace_id: trace_id.to_owned(),
            }
        }
        error => error,
    }
}

fn is_bare(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| {
            let kind = kind.as_bytes();
            !kind.starts_with(b"application/") && !kind.starts_with(b"text/html")
        })
}

fn write(response: Response, document: Map<String, Value>) -> Response {
    let (mut parts, _) = response.into_parts();
    fit(&mut parts.headers);
    let text = Value::Object(document).to_string();
    Response::from_parts(parts, Body::from(text))
}

fn fit(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
}

/// The document of an error.
pub fn of_error(error: &Error, trace_id: &str) -> Map<String, Value> {
    // The error's own members first: where a name is the standard's, the standard's meaning stands.
    let mut document = match serde_json::to_value(error) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    // Empty rather than missing where the kind has none.
    document
        .entry("errors")
        .or_insert_with(|| Value::Array(Vec::new()));
    standard(
        &mut document,
        status(error),
        error.slug(),
        &error.to_string(),
        trace_id,
    );
    document
}

/// The document of a refusal that only has a status.
fn of_status(code: StatusCode, trace_id: &str) -> Map<String, Value> {
    let (slug, detail) = match code {
        StatusCode::METHOD_NOT_ALLOWED => (
            "method-not-allowed",
            "This address does not take that method; Allow lists those it takes.",
        ),
        StatusCode::NOT_FOUND => ("not-found", "There is no such address."),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "The request's body is too large."),
        StatusCode::BAD_REQUEST => ("malformed", "The request could not be read."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported-media-type", "Send JSON."),
        code if code.is_server_error() => (
            "internal",
            "Something went wrong in the console; its log has the detail under the trace id.",
        ),
        _ => ("refused", "The request was refused."),
    };
    let mut document = Map::new();
    standard(&mut document, code, slug, detail, trace_id);
    document.insert("errors".to_owned(), Value::Array(Vec::new()));
    document
}

fn standard(
    document: &mut Map<String, Value>,
    code: StatusCode,
    slug: &str,
    detail: &str,
    trace_id: &str,
) {
    let members = [
        ("type", Value::from(format!("/problems/{slug}"))),
        ("title", code.canonical_reason().unwrap_or("Refused").into()),
        ("status", code.as_u16().into()),
        ("detail", detail.into()),
        ("trace_id", trace_id.into()),
    ];
    for (name, value) in members {
        document.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_the_error_back_and_a_program_the_standard_members() {
        let errors = [
            Error::field("project", "Too long."),
            Error::not_found("service"),
            Error::TooManyTries { retry_after_s: 60 },
            Error::Unavailable {
                what: "The database".to_owned(),
                hint: String::new(),
            },
            Error::Internal {
                trace_id: "0123456789abcdef".to_owned(),
            },
            Error::Malformed {
                message: "at line 1".to_owned(),
            },
        ];
        for error in errors {
            let document = Value::Object(of_error(&error, "0123456789abcdef"));
            assert_eq!(document["status"], error.status());
            assert_eq!(document["type"], format!("/problems/{}", error.slug()));
            assert_eq!(document["trace_id"], "0123456789abcdef");
            assert!(document["errors"].is_array(), "{document}");
            assert_eq!(document.get("fields"), None, "nothing is said twice");
            assert_eq!(serde_json::from_value::<Error>(document).ok(), Some(error));
        }
    }
}
