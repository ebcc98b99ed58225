//! Who calls the API: an API token's holder, or for reading the signed-in person whose browser it is.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ops::{Actor, Caller, identity};
use types::Error;

use super::{Http, observe::ActorName, problem::Problem, session::Unknown};

/// Longer than any token; not even hashed.
const MAX_TOKEN_LENGTH: usize = 200;

/// Puts the token's actor into an API request. A cookie counts for reading only: what changes things through the API
/// must bring a secret that no other site can make a browser send.
pub async fn identify(State(http): State<Http>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || path == "/metrics" {
        let caller = request
            .extensions()
            .get::<Caller>()
            .cloned()
            .unwrap_or_default();
        match token(request.headers()) {
            Ok(None) => {
                if !matches!(*request.method(), Method::GET | Method::HEAD) {
                    request.extensions_mut().remove::<Actor>();
                }
            }
            Ok(Some(secret)) => {
                match identity::tokens::token_actor(&http.ops, &secret, &caller).await {
                    Ok(Some(actor)) => {
                        request.extensions_mut().insert(actor);
                        // Whose cookie came along matters no more.
                        request.extensions_mut().remove::<Unknown>();
                    }
                    Ok(None) => return refuse(Error::Unauthenticated),
                    Err(fault) => return refuse(fault.tell(&caller.trace_id)),
                }
            }
            Err(error) => return refuse(error),
        }
    }
    let name = request
        .extensions()
        .get::<Actor>()
        .map(|actor| ActorName(actor.name.clone()));
    let mut response = next.run(request).await;
    if let Some(name) = name {
        response.extensions_mut().insert(name);
    }
    response
}

/// The secret after `Bearer`, if the header is there.
///
/// # Errors
/// The header is there and holds none.
pub(super) fn token(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let secret = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, secret)| secret.trim())
        .filter(|secret| !secret.is_empty() && secret.len() <= MAX_TOKEN_LENGTH)
        .ok_or(Error::Unauthenticated)?;
    Ok(Some(secret.to_owned()))
}

fn refuse(error: Error) -> Response {
    let is_token = error == Error::Unauthenticated;
    let mut response = Problem(error).into_response();
    if is_token {
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"ytops\", error=\"invalid_token\""),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static str) -> Result<Option<String>, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
        token(&headers)
    }

    #[test]
    fn a_bearer_secret_is_read_and_nothing_else() {
        assert_eq!(token(&HeaderMap::new()), Ok(None));
        assert_eq!(read("Bearer abc"), Ok(Some("abc".to_owned())));
        assert_eq!(read("bearer  abc "), Ok(Some("abc".to_owned())));
        for wrong in ["Basic YTpi", "Bearer", "Bearer ", "abc"] {
            assert_eq!(read(wrong), Err(Error::Unauthenticated), "{wrong}");
        }
    }
}
