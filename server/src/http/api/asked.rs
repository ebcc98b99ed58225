//! Who asks the API, with the tools, and how a use-case's fault becomes an answer.

use axum::{
    Json,
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use ops::{Actor, Caller, Ops, Outcome};
use serde::Serialize;
use types::Error;

use crate::http::problem::Problem;

/// The answer of most calls.
pub type Answer<T> = Result<Json<T>, Problem>;

/// The tools and the actor; a request without one is turned away.
#[derive(Clone)]
pub struct Asked {
    /// The use-cases' tools.
    pub ops: Ops,
    /// Who asks.
    pub actor: Actor,
    trace_id: String,
}

impl<S> FromRequestParts<S> for Asked
where
    S: Sync,
    Ops: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let actor = parts
            .extensions
            .get::<Actor>()
            .cloned()
            .ok_or(Error::Unauthenticated)?;
        let trace_id = parts
            .extensions
            .get::<Caller>()
            .map(|caller| caller.trace_id.clone())
            .unwrap_or_default();
        Ok(Self {
            ops: Ops::from_ref(state),
            actor,
            trace_id,
        })
    }
}

impl Asked {
    /// What the use-case gave, or what the caller is told instead.
    ///
    /// # Errors
    /// The fault as the caller is told it; the log has the rest.
    pub fn told<T>(&self, outcome: Outcome<T>) -> Result<T, Problem> {
        outcome.map_err(|fault| Problem(fault.tell(&self.trace_id)))
    }

    /// The same as JSON.
    ///
    /// # Errors
    /// As [`Asked::told`].
    pub fn answer<T: Serialize>(&self, outcome: Outcome<T>) -> Answer<T> {
        self.told(outcome).map(Json)
    }
}
