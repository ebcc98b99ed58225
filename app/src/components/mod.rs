//! What several pages show.

pub mod action;
pub(crate) mod address;
pub mod board;
pub mod clipboard;
pub mod clock;
pub mod dialog;
pub mod effect;
pub mod empty;
pub mod error_view;
pub mod facts;
pub mod field;
pub mod format;
pub mod frame;
pub mod html;
pub mod icon;
pub mod live;
pub mod loaded;
pub mod meter;
pub mod proof;
pub mod rows;
pub mod status;
pub mod toast;
pub mod typed;
pub mod unavailable;
pub mod viewer;
pub mod written;

/// Leaves the page for the sign-in page, which leads back here.
#[cfg(not(feature = "ssr"))]
pub fn sign_in_again() {
    let location = leptos::prelude::window().location();
    let path = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    let next = js_sys::encode_uri_component(&path);
    let _ = location.assign(&format!("/sign-in?next={next}"));
}
