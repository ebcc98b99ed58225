//! The service that an address names.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use types::{Error, FieldError};

use crate::http::problem::Problem;

/// The most characters of a project's or a service's name.
const MOST: usize = 200;

/// `{project}/{service}` of an address, within bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePath {
    /// The compose project.
    pub project: String,
    /// The service.
    pub service: String,
}

impl<S: Send + Sync> FromRequestParts<S> for ServicePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let given = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Error::Malformed {
                message: "its address holds bytes that are no UTF-8 text".to_owned(),
            })?;
        let of = |wanted: &str| {
            given
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value.to_owned())
                .unwrap_or_default()
        };
        Ok(Self::of(of("project"), of("service"))?)
    }
}

impl ServicePath {
    /// The two names, looked at.
    ///
    /// # Errors
    /// `Invalid` naming those that are empty, too long or hold control characters.
    pub fn of(project: String, service: String) -> Result<Self, Error> {
        let refused: Vec<FieldError> = [("project", &project), ("service", &service)]
            .into_iter()
            .filter(|(_, text)| {
                text.is_empty()
                    || text.chars().nth(MOST).is_some()
                    || text.chars().any(char::is_control)
            })
            .map(|(name, _)| FieldError {
                field: name.to_owned(),
                message: format!("Use 1 to {MOST} characters without control characters."),
            })
            .collect();
        if refused.is_empty() {
            Ok(Self { project, service })
        } else {
            Err(Error::Invalid { fields: refused })
        }
    }
}
