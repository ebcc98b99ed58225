//! Keeps what was typed into a refused form across the page load that follows it where scripts are off.

use axum::http::{header, request::Parts};
use leptos::{prelude::*, server::ServerActionError};
use serde::{Deserialize, Serialize};

use super::cookies;

const COOKIE: &str = "typed";

#[derive(Serialize, Deserialize)]
struct Typed {
    form: String,
    fields: Vec<(String, String)>,
}

/// Whether the request is a plain form's, not a script's.
pub fn is_plain_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let accept = parts
            .headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok());
        parts.method == axum::http::Method::POST
            && accept.is_some_and(|accept| accept.contains("text/html"))
    })
}

/// Leaves the fields for the page that shows the refusal. Never give it a secret.
pub fn keep(form: &str, fields: &[(&str, &str)]) {
    if !is_plain_form() {
        return;
    }
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let typed = Typed {
        form: form.to_owned(),
        fields,
    };
    if let Ok(text) = serde_json::to_string(&typed) {
        cookies::leave(COOKIE, &text);
    }
}

/// What was typed into a field of the form, on the page that shows its refusal.
pub fn read(form: &str, name: &str) -> Option<String> {
    use_context::<ServerActionError>()?;
    let typed: Typed = serde_json::from_str(&cookies::read_text(COOKIE)?).ok()?;
    (typed.form == form).then_some(())?;
    typed
        .fields
        .into_iter()
        .find(|(field, _)| field == name)
        .map(|(_, value)| value)
}
