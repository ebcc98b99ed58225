//! Cookies that carry something from one answer to the next page, where no script can.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::session::OverTls;

/// Browsers drop cookies above 4 KiB; what is longer is not left.
const LONGEST: usize = 3_000;
/// How long the next page may take to ask for it, in seconds.
const KEPT_S: u32 = 60;

/// The value of the request's cookie `name`.
pub fn read(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get(header::COOKIE)?.to_str().ok()?;
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// What an answer [`leave`]s for the next page, as text.
pub fn read_text(name: &str) -> Option<String> {
    String::from_utf8(unhex(&read(name)?)?).ok()
}

/// Leaves `text` for the next page. Never give it a secret.
pub fn leave(name: &str, text: &str) {
    if text.len() * 2 <= LONGEST {
        set(name, &hex(text.as_bytes()), KEPT_S);
    }
}

/// Takes the cookie away.
pub fn remove(name: &str) {
    set(name, "", 0);
}

fn set(name: &str, value: &str, max_age_s: u32) {
    let secure = if use_context::<OverTls>().is_some_and(|over_tls| over_tls.0) {
        "; Secure"
    } else {
        ""
    };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    if let (Some(response), Ok(cookie)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(&cookie),
    ) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|nibble| char::from_digit(u32::from(nibble), 16).unwrap_or('0'))
        .collect()
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_survives_in_a_cookie() {
        let text = "\"Ünï\"; Path=/\n";
        let hexed = hex(text.as_bytes());
        assert!(hexed.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(unhex(&hexed).as_deref(), Some(text.as_bytes()));
        assert_eq!(unhex("zz"), None);
    }
}
