//! What people note.

use types::{Error, runbooks::LONGEST_NOTE, text::is_plain};

/// A note as it is stored.
///
/// # Errors
/// `Invalid` where it is too long or holds what is no text.
pub(super) fn note(field: &str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.chars().nth(LONGEST_NOTE).is_some() {
        return Err(Error::field(
            field,
            format!("Use at most {LONGEST_NOTE} characters."),
        ));
    }
    if !is_plain(text) {
        return Err(Error::field(
            field,
            "Leave out control characters and line breaks.",
        ));
    }
    Ok(text.to_owned())
}

/// A reason, which must be given.
///
/// # Errors
/// As [`note`]; `Invalid` where there is none.
pub(super) fn reason(field: &str, text: &str) -> Result<String, Error> {
    let text = note(field, text)?;
    if text.is_empty() {
        return Err(Error::field(field, "Say why."));
    }
    Ok(text)
}
