//! Bodies that name some members of a thing.

use axum::extract::{FromRequest, Request};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use types::{Error, FieldError};

use crate::http::{form, limits, problem::Problem};

/// A JSON object.
#[derive(Clone, Debug)]
pub struct Given(Map<String, Value>);

impl<S: Sync> FromRequest<S> for Given {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let bytes = limits::read_body(request.into_body(), limits::MAX_BODY_BYTES).await?;
        Ok(read(&bytes)?)
    }
}

fn read(bytes: &[u8]) -> Result<Given, Error> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(Given(members)),
        Ok(_) => Err(Error::field("body", "Send a JSON object.")),
        Err(error) => Err(Error::Malformed {
            message: format!(
                "its body is no JSON (line {}, column {})",
                error.line(),
                error.column()
            ),
        }),
    }
}

impl Given {
    /// `base` with the members that were given in place of its own.
    ///
    /// # Errors
    /// `Invalid` naming members that there are not, and those whose value is of another kind.
    pub fn over<T: Serialize + DeserializeOwned>(self, base: &T) -> Result<T, Error> {
        let Ok(Value::Object(base)) = serde_json::to_value(base) else {
            return Err(Error::field("body", "It can't be changed."));
        };
        let refused = self.0.iter().filter_map(|(name, value)| {
            let message = if !base.contains_key(name) {
                "There is no such member."
            } else if read_with::<T>(&base, [(name.clone(), value.clone())]).is_none() {
                "Its value is of another kind: the description of the API says which."
            } else {
                return None;
            };
            Some(FieldError {
                field: form::shown(name),
                message: message.to_owned(),
            })
        });
        let fields: Vec<_> = refused.take(form::MOST_ERRORS).collect();
        if !fields.is_empty() {
            return Err(Error::Invalid { fields });
        }
        read_with(&base, self.0).ok_or_else(|| Error::field("body", "It can't be read."))
    }
}

fn read_with<T: DeserializeOwned>(
    base: &Map<String, Value>,
    given: impl IntoIterator<Item = (String, Value)>,
) -> Option<T> {
    let mut all = base.clone();
    all.extend(given);
    serde_json::from_value(Value::Object(all)).ok()
}

#[cfg(test)]
mod tests {
    use ops::backups::defaults;
    use types::backups::{SetKind, SetSettings};

    use super::*;

    fn over(body: &str) -> Result<SetSettings, Error> {
        read(body.as_bytes())?.over(&defaults(SetKind::Directory))
    }

    #[test]
    fn what_is_given_takes_the_place_of_what_was() {
        let changed = over(r#"{"name":"videos","rpo_s":60}"#).ok();
        let expected = SetSettings {
            name: "videos".to_owned(),
            rpo_s: 60,
            ..defaults(SetKind::Directory)
        };
        assert_eq!(changed, Some(expected));
    }

    #[test]
    fn what_is_no_member_or_of_another_kind_is_named() {
        for (body, field, status) in [
            ("{", "", 400),
            ("[]", "body", 422),
            (r#"{"nmae":"x"}"#, "nmae", 422),
            (r#"{"rpo_s":"x"}"#, "rpo_s", 422),
            (r#"{"rpo_s":-1}"#, "rpo_s", 422),
            (r#"{"keep":{"daily":1}}"#, "keep", 422),
            (r#"{"paths":"x"}"#, "paths", 422),
        ] {
            let error = over(body).err();
            assert_eq!(error.as_ref().map(Error::status), Some(status), "{body}");
            let is_named = error.is_some_and(|error| error.of_field(field).is_some());
            assert!(is_named || field.is_empty(), "{body}");
        }
    }
}
