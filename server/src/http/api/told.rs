//! What a program is told where a person would be sent to a page: which header lacks, where the calls are described.

use axum::{extract::Request, http::Method};
use types::Error;

use crate::http::bearer;

/// What is looked for at an address where nothing stands, as [`Error::NotFound`] names it.
pub const RESOURCE: &str = "resource";

/// The longest address that is repeated, in characters.
const LONGEST: usize = 200;

/// A call as far as a refusal tells of it.
#[derive(Debug)]
pub struct Call {
    method: Method,
    path: String,
    token: Token,
}

/// What the call brought to say who asks.
#[derive(Clone, Copy, Debug)]
enum Token {
    None,
    Malformed,
    Given,
}

impl Call {
    /// The call that a request is; none where a page, a script or a form asks.
    pub fn of(request: &Request) -> Option<Self> {
        let path = request.uri().path();
        let first = path.split('/').nth(1).unwrap_or_default();
        matches!(first, "api" | "metrics").then(|| Self {
            method: request.method().clone(),
            path: path.chars().take(LONGEST).collect(),
            token: match bearer::token(request.headers()) {
                Ok(None) => Token::None,
                Ok(Some(_)) => Token::Given,
                Err(_) => Token::Malformed,
            },
        })
    }

    /// What is told of `error` to whoever called; none where the error's own words say it.
    pub fn told(&self, error: &Error) -> Option<String> {
        match error {
            Error::Unauthenticated => Some(self.who_asks()),
            Error::NotFound { what } if what == RESOURCE => Some(format!(
                "There is no such resource: {} {}. GET {}/openapi.json describes those that there are.",
                self.method,
                self.path,
                super::PREFIX
            )),
            _ => None,
        }
    }

    fn who_asks(&self) -> String {
        let told = match self.token {
            Token::None => {
                "This call needs an API token: send the header \"Authorization: Bearer TOKEN\"."
            }
            Token::Malformed => {
                "The header Authorization can't be read: send \"Authorization: Bearer TOKEN\"."
            }
            Token::Given => {
                "The token in the header Authorization is not valid: it is unknown, was revoked, or is past its date."
            }
        };
        format!(
            "{told} A CTO makes a token on the page Settings, Tokens, or by the command ytops token add."
        )
    }
}
