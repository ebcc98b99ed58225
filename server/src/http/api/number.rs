//! The number that an address names.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use types::Error;

use crate::http::problem::Problem;

/// `{id}` of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let given = RawPathParams::from_request_parts(parts, state).await;
        let id = given.ok().and_then(|given| {
            let mut ids = given.iter().filter(|(name, _)| *name == "id");
            ids.next()?.1.parse().ok().filter(|id| *id > 0)
        });
        let refused = || Error::field("id", "Give a whole number of at least 1.");
        Ok(Self(id.ok_or_else(refused)?))
    }
}
