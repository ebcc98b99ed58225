//! What was typed into a form that was refused, when the page is loaded anew without scripts.
//!
//! The server function leaves the fields that are no secret in a short-lived cookie; the page that shows the refusal
//! puts them back.

/// What was typed into the field, if this page shows a refusal of that form.
#[cfg(feature = "ssr")]
pub fn typed(form: &str, name: &str) -> Option<String> {
    crate::ssr::typed::read(form, name)
}

/// What was typed into the field. With scripts the page is not loaded anew, so nothing needs putting back.
#[cfg(not(feature = "ssr"))]
pub fn typed(_form: &str, _name: &str) -> Option<String> {
    None
}
