//! Requests that change something must come from the console's own pages: a check beside `SameSite` cookies.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ops::{Actor, Caller, audit};
use types::Error;

use super::{Http, refusal};

/// Refuses a changing request of another site. The API is not asked: it changes nothing for a cookie (see
/// [`super::bearer`]), and no site can send a bearer token for its visitor.
pub async fn check(State(http): State<Http>, request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let headers = request.headers();
    if reads
        || request.uri().path().starts_with("/api/")
        || is_own(headers, &http.config.public_url)
    {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    let actor = request.extensions().get::<Actor>().cloned();
    let caller = request.extensions().get::<Caller>().cloned();
    record(&http, &path, actor, caller.unwrap_or_default()).await;
    refusal::for_request(&request, &Error::ForeignOrigin).into_response()
}

/// Once a minute, like every refusal.
async fn record(http: &Http, path: &str, actor: Option<Actor>, caller: Caller) {
    const ACTION: &str = "request.foreign_origin";
    let ops = &http.ops;
    let recorded = if let Some(actor) = actor {
        audit::refuse_request(ops, &actor, ACTION, path).await
    } else {
        let detail = serde_json::json!({"reason": Error::ForeignOrigin.slug()});
        audit::refuse_stranger(ops, &caller, ACTION, path, detail).await
    };
    if let Err(fault) = recorded {
        tracing::error!(error = %fault, "A refusal could not be recorded.");
    }
}

/// The browser says that the request comes from the public address, or from the very host it goes to.
fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    // What a network can put into a page that came without TLS is not the console's word.
    let needs_tls = public_url.starts_with("https://");
    let own = |origin: &str| {
        let (scheme, bare) = origin.split_once("://").unwrap_or_default();
        origin.eq_ignore_ascii_case(public_url)
            || (!bare.is_empty()
                && bare.eq_ignore_ascii_case(host)
                && (!needs_tls || scheme.eq_ignore_ascii_case("https")))
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
        own_of("https://ops.example.com", pairs)
    }

    fn own_of(public_url: &str, pairs: &[(header::HeaderName, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(name, HeaderValue::from_static(value));
        }
        is_own(&headers, public_url)
    }

    #[test]
    fn only_the_console_itself_may_change_things() {
        assert!(own(&[(header::ORIGIN, "https://ops.example.com")]));
        assert!(own(&[
            (header::ORIGIN, "https://10.0.0.7"),
            (header::HOST, "10.0.0.7")
        ]));
        let plain = [
            (header::ORIGIN, "http://localhost:3000"),
            (header::HOST, "localhost:3000"),
        ];
        assert!(own_of("http://127.0.0.1:3000", &plain));
        assert!(!own(&plain), "not without TLS where there is TLS");
        assert!(!own(&[
            (header::ORIGIN, "http://ops.example.com"),
            (header::HOST, "ops.example.com")
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
