//! The pinned theme: a cookie, so that the first byte of a page already has the right colours.

#![expect(
    missing_docs,
    reason = "the fields of the types that the macro makes are the functions' parameters"
)]

use leptos::prelude::*;
use types::Error;

/// Pins `light` or `dark`, or follows the system again with `system`.
#[server(prefix = "/fn", endpoint = "set_theme", output = types::wire::Json)]
#[allow(clippy::unused_async, reason = "server functions are")]
pub async fn set_theme(theme: String) -> Result<(), Error> {
    let cookie = match theme.as_str() {
        "light" => "theme=light; Path=/; Max-Age=31536000; SameSite=Lax",
        "dark" => "theme=dark; Path=/; Max-Age=31536000; SameSite=Lax",
        "system" => "theme=; Path=/; Max-Age=0; SameSite=Lax",
        _ => return Err(Error::field("theme", "Choose system, light or dark.")),
    };
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.append_header(
            axum::http::header::SET_COOKIE,
            axum::http::HeaderValue::from_static(cookie),
        );
    }
    Ok(())
}
