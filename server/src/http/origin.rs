//! Requests that change something must come from the console's own pages: a check beside SameSite cookies.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ops::{Actor, audit};
use types::{Error, audit::AuditResult};

use super::{Http, refusal};

/// Refuses a changing request of another site. Bearer tokens are no cookies: no site can send one for its visitor, and
/// the API changes nothing for a cookie (see [`super::bearer`]).
pub async fn check(State(http): State<Http>, request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let headers = request.headers();
    if reads
        || headers.contains_key(header::AUTHORIZATION)
        || request.uri().path().starts_with("/api/")
        || is_own(headers, &http.config.public_url)
    {
        return next.run(request).await;
    }
    if let Some(actor) = request.extensions().get::<Actor>() {
        let path = request.uri().path().to_owned();
        let entry = audit::Entry::done("request.foreign_origin", &path).ended(AuditResult::Refused);
        if let Err(fault) = audit::record_alone(&http.ops, actor, entry).await {
            tracing::error!(error = %fault, "A refusal could not be recorded.");
        }
    }
    refusal::for_request(&request, &Error::ForeignOrigin).into_response()
}

/// The browser says that the request comes from the public address, or from the very host it goes to.
fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    let own = |origin: &str| {
        let bare = origin.split_once("://").map_or("", |(_, host)| host);
        origin.eq_ignore_ascii_case(public_url)
            || (!bare.is_empty() && bare.eq_ignore_ascii_case(host))
    };
    if let Some(origin) = text(header::ORIGIN) {
        return own(origin);
    }
    // Old browsers leave Origin out of same-site forms, but not the Referer under our policy.
    text(header::REFERER).is_some_and(|referer| {
        let end = referer
            .match_indices('/')
            .nth(2)
            .map_or(referer.len(), |(at, _)| at);
        own(referer.get(..end).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn own(pairs: &[(header::HeaderName, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(name, HeaderValue::from_static(value));
        }
        is_own(&headers, "https://ops.example.com")
    }

    #[test]
    fn only_the_console_itself_may_change_things() {
        assert!(own(&[(header::ORIGIN, "https://ops.example.com")]));
        assert!(own(&[
            (header::ORIGIN, "http://localhost:3000"),
            (header::HOST, "localhost:3000")
        ]));
        assert!(own(&[(
            header::REFERER,
            "https://ops.example.com/deployment"
        )]));
        assert!(!own(&[(header::ORIGIN, "https://evil.example.com")]));
        assert!(!own(&[
            (header::ORIGIN, "null"),
            (header::HOST, "ops.example.com")
        ]));
        assert!(!own(&[(
            header::ORIGIN,
            "https://ops.example.com.evil.net"
        )]));
        assert!(!own(&[(
            header::REFERER,
            "https://ops.example.com.evil.net/"
        )]));
        assert!(!own(&[]));
    }

    #[test]
    fn a_foreign_origin_is_not_saved_by_its_referer() {
        let pairs = [
            (header::ORIGIN, "https://evil.example.com"),
            (header::REFERER, "https://ops.example.com/"),
        ];
        assert!(!own(&pairs));
    }
}
