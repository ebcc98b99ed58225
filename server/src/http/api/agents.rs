//! Samples of other hosts, as `ytops agent` sends them.

use axum::extract::{FromRequest, Request};
use ops::resources;
use types::{
    Error,
    agent::{Batch, Receipt},
};

use super::{Answer, Asked, Params, openapi::Refused};
use crate::http::{form, limits, problem::Problem};

/// Send samples of another host
///
/// For `ytops agent`, with a token of the role `agent`. What was taken already is left out: a batch whose answer did not
/// arrive is sent again as it was.
#[utoipa::path(
    post,
    path = "/api/v1/samples",
    tag = "resources",
    request_body = Batch,
    responses(
        (status = 200, description = "How far the host's samples were taken, and stored", body = Receipt),
        (status = 409, description = "Another agent sends as this host", body = super::openapi::ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn samples(asked: Asked, params: Params, Sent(batch): Sent) -> Answer<Receipt> {
    params.done()?;
    asked.answer(resources::take_batch(&asked.ops, &asked.actor, batch).await)
}

/// A batch, read from the body.
pub struct Sent(Batch);

impl<S: Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let bytes = limits::read_body(request.into_body(), limits::MAX_BODY_BYTES).await?;
        Ok(Self(read(&bytes)?))
    }
}

fn read(bytes: &[u8]) -> Result<Batch, Error> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        if error.is_data() {
            // It may quote what was sent.
            let told = form::shown(&error.to_string());
            return Error::field("body", format!("It is no batch of samples: {told}."));
        }
        Error::Malformed {
            message: format!("its body is no JSON ({place})"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_batch_is_told_apart_from_what_is_no_json() {
        assert!(read(br#"{"host":"a","session":1}"#).is_ok());
        let tick = r#"{"host":"a","session":1,"ticks":[{"at":1,"numbers":[1],"values":[1e400]}]}"#;
        for (body, status) in [
            ("", 400),
            ("{", 400),
            ("\u{0}", 400),
            ("[]", 422),
            ("{}", 422),
            (r#"{"host":"a","session":-1}"#, 422),
            (r#"{"host":"a","session":1,"ticks":[{}]}"#, 422),
            (tick, 400),
        ] {
            let status_of = read(body.as_bytes()).err().map(|error| error.status());
            assert_eq!(status_of, Some(status), "{body}");
        }
        let long = format!(r#"{{"host":"a","session":"{}"}}"#, "x".repeat(9_000));
        let told = read(long.as_bytes()).err().map(|error| error.to_string());
        assert!(told.is_some_and(|told| told.len() < 400));
    }
}
