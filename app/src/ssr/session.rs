//! Opening and closing the session of the browser that asks, and the cookie of a device that signed in before.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use ops::identity::{
    SignedIn,
    sessions::{SIGNED_IN, SignedInAs},
};
use tower_sessions::Session;
use types::Error;

/// How long a device is remembered, in seconds: a year.
const DEVICE_KEPT_S: u32 = 365 * 24 * 3_600;

/// Browsers reach the console over TLS; cookies are then Secure and bound to the host by their name.
#[derive(Clone, Copy, Debug)]
pub struct OverTls(pub bool);

/// A cookie's name, with the prefix that binds it to the host where that is possible.
pub fn cookie_name(name: &str, over_tls: bool) -> String {
    if over_tls {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// Signs the browser in: a new session id, and a device cookie where there is none yet.
///
/// # Errors
/// `Internal` when the session could not be opened.
pub async fn open(signed_in: SignedIn) -> Result<(), Error> {
    let session = current()?;
    session.cycle_id().await.map_err(failed)?;
    session
        .insert(SIGNED_IN, signed_in.session)
        .await
        .map_err(failed)?;
    // Saved here rather than after the answer, so that a failure is still told.
    session.save().await.map_err(failed)?;
    if let Some(token) = signed_in.device_token {
        remember_device(&token);
    }
    Ok(())
}

/// Gives the session a new id after its user's password changed, which made their account one of `generation`.
///
/// # Errors
/// `Unauthenticated` when nobody is signed in; `Unavailable` when the session could not be kept.
pub async fn renew(generation: i64) -> Result<(), Error> {
    let session = current()?;
    let holder = session.get::<SignedInAs>(SIGNED_IN).await.map_err(failed)?;
    let holder = SignedInAs {
        generation,
        ..holder.ok_or(Error::Unauthenticated)?
    };
    session.cycle_id().await.map_err(failed)?;
    session.insert(SIGNED_IN, holder).await.map_err(failed)?;
    session.save().await.map_err(failed)
}

/// Takes the cookie away; the session itself was ended by the use-case.
///
/// # Errors
/// `Internal` when the database failed.
pub async fn close() -> Result<(), Error> {
    current()?.flush().await.map_err(failed)
}

/// The token of the device's long-lived cookie.
pub fn device() -> Option<String> {
    super::cookies::read(&cookie_name("ytops_device", is_over_tls()))
}

fn remember_device(token: &str) {
    let over_tls = is_over_tls();
    let name = cookie_name("ytops_device", over_tls);
    let secure = if over_tls { "; Secure" } else { "" };
    let cookie =
        format!("{name}={token}; Path=/; Max-Age={DEVICE_KEPT_S}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, cookie);
    }
}

fn is_over_tls() -> bool {
    use_context::<OverTls>().is_some_and(|over_tls| over_tls.0)
}

fn current() -> Result<Session, Error> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Session>().cloned())
        .ok_or_else(|| Error::Internal {
            trace_id: "no-session".to_owned(),
        })
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn failed(error: tower_sessions::session::Error) -> Error {
    tracing::error!(error = %error, "A session could not be kept.");
    Error::Unavailable {
        what: "The database".to_owned(),
        hint: "Try again when it is back.".to_owned(),
    }
}
