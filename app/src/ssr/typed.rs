//! Keeps what was typed into a refused form across the page load that follows it where scripts are off.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::{prelude::*, server::ServerActionError};
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};

use super::session::OverTls;

const COOKIE: &str = "typed";
/// Cookies above 4 KiB are dropped by browsers; what is longer is not kept.
const LONGEST: usize = 3_000;

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
    let Ok(text) = serde_json::to_vec(&typed) else {
        return;
    };
    if text.len() * 2 > LONGEST {
        return;
    }
    let hex: String = text
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(digit)
        .collect();
    let secure = if use_context::<OverTls>().is_some_and(|over_tls| over_tls.0) {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!("{COOKIE}={hex}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict{secure}");
    if let (Some(response), Ok(cookie)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(&cookie),
    ) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

/// What was typed into a field of the form, on the page that shows its refusal.
pub fn read(form: &str, name: &str) -> Option<String> {
    use_context::<ServerActionError>()?;
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get(header::COOKIE)?.to_str().ok()?;
    let hex = cookies
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    let typed: Typed = serde_json::from_slice(&unhex(hex)?).ok()?;
    (typed.form == form).then_some(())?;
    typed
        .fields
        .into_iter()
        .find(|(field, _)| field == name)
        .map(|(_, value)| value)
}

fn digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
