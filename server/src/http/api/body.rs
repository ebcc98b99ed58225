//! Calls that take no body: an empty one is right, and so is an empty JSON object.

use axum::extract::{FromRequest, Request};
use serde_json::Value;
use types::{Error, FieldError};

use crate::http::{form, limits, problem::Problem};

/// A body that says nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoInput;

impl<S: Sync> FromRequest<S> for NoInput {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let bytes = limits::read_body(request.into_body(), limits::MAX_BODY_BYTES).await?;
        Ok(read(&bytes)?)
    }
}

fn read(bytes: &[u8]) -> Result<NoInput, Error> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(NoInput);
    }
    let value = serde_json::from_slice(bytes).map_err(|error| Error::Malformed {
        message: format!(
            "its body is no JSON (line {}, column {})",
            error.line(),
            error.column()
        ),
    })?;
    match value {
        Value::Object(members) if members.is_empty() => Ok(NoInput),
        Value::Object(members) => Err(Error::Invalid {
            fields: members
                .keys()
                .take(form::MOST_ERRORS)
                .map(|name| FieldError {
                    field: form::shown(name),
                    message: "This call takes no such member.".to_owned(),
                })
                .collect(),
        }),
        _ => Err(Error::field(
            "body",
            "Send nothing, or an empty JSON object.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_and_anything_else_is_told_apart() {
        for right in ["", " \n", "{}", " {} "] {
            assert!(read(right.as_bytes()).is_ok(), "{right}");
        }
        for (wrong, status) in [
            ("{", 400),
            ("no", 400),
            ("\u{0}", 400),
            ("[]", 422),
            ("7", 422),
            (r#"{"force":true}"#, 422),
        ] {
            let error = read(wrong.as_bytes()).err();
            assert_eq!(error.map(|error| error.status()), Some(status), "{wrong}");
        }
        assert_eq!(
            read(b"\xff\xfe").err().map(|error| error.status()),
            Some(400)
        );
    }
}
