//! Server functions with the statuses that their errors mean. Leptos answers every error with 500.
//!
//! A plain form (no script; it accepts `text/html`) is sent back to its page with the error in the query instead:
//! that is Leptos's own doing and stays as it is.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use server_fn::error::{SERVER_FN_ERROR_HEADER, ServerFnUrlError};
use types::Error;

use super::{Http, form, limits, problem::Problem, sent_back, typed};

/// How much of a function's error is read back.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Of the decoder's words so many characters are passed on.
const MAX_MESSAGE: usize = 200;

/// Stands around the routes of server functions, which Leptos makes itself.
pub async fn around(State(http): State<Http>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let over_tls = http.config.is_https();
    if !path.starts_with("/fn/") {
        return match sent_back::foreign(&request, over_tls) {
            Some(elsewhere) => elsewhere,
            None => next.run(request).await,
        };
    }
    let headers = request.headers().clone();
    let mut response = match read(request).await {
        Ok(request) => next.run(request).await,
        Err(error) => refuse(&path, &headers, error),
    };
    sent_back::mark(&mut response, over_tls);
    if path == "/fn/sign_in" && response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        http.metrics.sign_in_failed();
    }
    with_status(response).await
}

/// For paths below `/fn/` that are no server function's.
pub async fn unknown() -> Problem {
    Problem(Error::not_found("server function"))
}

/// The page of a form that was sent without a script.
fn plain_form(headers: &HeaderMap) -> Option<String> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    text(header::ACCEPT)?.contains("text/html").then_some(())?;
    text(header::REFERER).map(str::to_owned)
}

/// The request with its body read, within bounds, and looked at.
async fn read(request: Request) -> Result<Request, Error> {
    let (parts, body) = request.into_parts();
    let body = limits::read_body(body, limits::MAX_FORM_BYTES).await?;
    form::pairs(parts.uri.query().unwrap_or_default().as_bytes())?;
    // Functions decode any body as a form, whatever type it says that it is of.
    typed::check(&form::pairs(&body)?)?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// Answers as the function itself would have.
pub fn refuse(path: &str, headers: &HeaderMap, error: Error) -> Response {
    let back = plain_form(headers).and_then(|page| {
        let url = ServerFnUrlError::new(path, error.clone())
            .to_url(&page)
            .ok()?;
        HeaderValue::from_str(url.as_str()).ok()
    });
    match back {
        Some(back) => (StatusCode::FOUND, [(header::LOCATION, back)]).into_response(),
        None => Problem(error).into_response(),
    }
}

async fn with_status(response: Response) -> Response {
    let failed = response.headers().contains_key(SERVER_FN_ERROR_HEADER);
    if !failed || response.status().is_redirection() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let error = match to_bytes(body, MAX_ERROR_BYTES).await {
        Ok(bytes) => serde_json::from_slice(&bytes).ok(),
        Err(_) => None,
    };
    let error = named(error.unwrap_or_else(|| Error::Internal {
        trace_id: "server-function".to_owned(),
    }));
    let mut response = Problem(error).into_response();
    // Cookies and the like that the function set.
    for (name, value) in &parts.headers {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            response.headers_mut().append(name, value.clone());
        }
    }
    response
}

/// Names the field where the decoder's words do.
fn named(error: Error) -> Error {
    match error {
        Error::Malformed { message } => {
            let missing = message
                .split_once("missing field `")
                .and_then(|(_, rest)| rest.split_once('`'))
                .map(|(field, _)| field.to_owned());
            match missing {
                Some(field) => Error::field(form::shown(&field), "Give a value."),
                // The decoder may repeat what was sent.
                None => Error::Malformed {
                    message: message.chars().take(MAX_MESSAGE).collect(),
                },
            }
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_argument_is_named() {
        let error = named(Error::Malformed {
            message: "error deserializing: missing field `email`".to_owned(),
        });
        assert_eq!(error.of_field("email"), Some("Give a value."));
    }

    #[test]
    fn only_a_form_without_script_goes_back_to_its_page() {
        let mut headers = HeaderMap::new();
        headers.insert(header::REFERER, HeaderValue::from_static("https://a/b"));
        assert_eq!(plain_form(&headers), None);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        assert_eq!(plain_form(&headers), None);
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*"));
        assert_eq!(plain_form(&headers).as_deref(), Some("https://a/b"));
    }
}
