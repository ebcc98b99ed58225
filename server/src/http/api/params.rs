//! Query parameters, each read by name, typed and bounded; one that nobody reads is refused.

use axum::{extract::FromRequestParts, http::request::Parts};
use types::{Error, FieldError};

use crate::http::{form, problem::Problem};

/// The parameters that are not read yet.
#[derive(Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(Self(form::pairs(
            parts.uri.query().unwrap_or_default().as_bytes(),
        )?))
    }
}

impl Params {
    /// A text of at most `most` characters; none when it is not given.
    ///
    /// # Errors
    /// `Invalid` when it is longer, given twice, or holds control characters.
    pub fn text(&mut self, name: &str, most: usize) -> Result<Option<String>, Error> {
        let Some(at) = self.0.iter().position(|(given, _)| given == name) else {
            return Ok(None);
        };
        let (_, value) = self.0.swap_remove(at);
        if self.0.iter().any(|(given, _)| given == name) {
            return Err(Error::field(name, "Give it once."));
        }
        checked(name, value, most).map(Some)
    }

    /// Texts of at most `most` characters each, at most `count` of them; none when it is not given.
    ///
    /// # Errors
    /// `Invalid` when there are more, one is longer, or one holds control characters.
    pub fn texts(&mut self, name: &str, most: usize, count: usize) -> Result<Vec<String>, Error> {
        let given = |pair: &mut (String, String)| pair.0 == name;
        let values: Vec<_> = self.0.extract_if(.., given).collect();
        if values.len() > count {
            let text = format!("Give it at most {count} times.");
            return Err(Error::field(name, text));
        }
        let values = values.into_iter();
        values
            .map(|(_, value)| checked(name, value, most))
            .collect()
    }

    /// A whole number between `least` and `most`; none when it is not given.
    ///
    /// # Errors
    /// `Invalid` when it is anything else.
    pub fn integer(&mut self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Error> {
        let Some(text) = self.text(name, 40)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ if most == i64::MAX => Err(Error::field(
                name,
                format!("Give a whole number of at least {least}."),
            )),
            _ => Err(Error::field(
                name,
                format!("Give a whole number from {least} to {most}."),
            )),
        }
    }

    /// A text that must be given and not be empty.
    ///
    /// # Errors
    /// As [`Params::text`]; `Invalid` when there is none.
    pub fn required(&mut self, name: &str, most: usize) -> Result<String, Error> {
        self.text(name, most)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Error::field(name, "Give a value."))
    }

    /// Every parameter was read.
    ///
    /// # Errors
    /// `Invalid` naming those that were not, the first twenty.
    pub fn done(&self) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let fields = self
            .0
            .iter()
            .take(form::MOST_ERRORS)
            .map(|(name, _)| FieldError {
                field: form::shown(name),
                message: "There is no such parameter here.".to_owned(),
            });
        Err(Error::Invalid {
            fields: fields.collect(),
        })
    }
}

/// A value of at most `most` characters without control characters.
fn checked(name: &str, value: String, most: usize) -> Result<String, Error> {
    if value.chars().nth(most).is_some() {
        let text = format!("Use at most {most} characters.");
        return Err(Error::field(name, text));
    }
    if value.chars().any(char::is_control) {
        return Err(Error::field(name, "Leave out control characters."));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params(form::pairs(query.as_bytes()).unwrap_or_default())
    }

    #[test]
    fn a_number_is_a_whole_one_within_its_bounds() {
        assert_eq!(params("tail=7").integer("tail", 1, 9), Ok(Some(7)));
        assert_eq!(params("x=7").integer("tail", 1, 9), Ok(None));
        for wrong in ["0", "10", "-1", "1.5", "7a", "", "99999999999999999999"] {
            let error = params(&format!("tail={wrong}")).integer("tail", 1, 9).err();
            assert_eq!(
                error.and_then(|error| error.of_field("tail").map(str::to_owned)),
                Some("Give a whole number from 1 to 9.".to_owned()),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_nobody_reads_is_refused_by_name() {
        let mut params = params("tail=7&tial=8");
        assert_eq!(params.integer("tail", 1, 9), Ok(Some(7)));
        let error = params.done().err();
        assert!(error.is_some_and(|error| error.of_field("tial").is_some()));
    }

    #[test]
    fn the_same_twice_is_refused() {
        assert!(params("a=1&a=2").text("a", 9).is_err());
    }

    #[test]
    fn length_counts_characters() {
        assert!(params("a=%C3%A9%C3%A9").text("a", 2).is_ok());
        assert!(params("a=%C3%A9%C3%A9%C3%A9").text("a", 2).is_err());
    }
}
