//! The built site: embedded in a release build, read from `YTOPS_SITE_DIR` in a debug one. Each file was compressed
//! once, when it was built.

use app::Site;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::serve::ServeError;

#[derive(RustEmbed)]
#[folder = "$YTOPS_SITE_DIR"]
#[allow_missing = true]
struct Files;

#[derive(Deserialize)]
struct Manifest {
    js: String,
    wasm: String,
    css: String,
}

/// The hashed names from the site's manifest.
///
/// # Errors
/// There is no manifest: the site was not built.
pub fn names() -> Result<Site, ServeError> {
    let file = Files::get("manifest.json")
        .ok_or_else(|| ServeError::Site("manifest.json is not there".to_owned()))?;
    let manifest: Manifest = serde_json::from_slice(&file.data)
        .map_err(|error| ServeError::Site(format!("manifest.json: {error}")))?;
    Ok(Site {
        js: format!("/{}", manifest.js.trim_start_matches('/')),
        wasm: format!("/{}", manifest.wasm.trim_start_matches('/')),
        css: format!("/{}", manifest.css.trim_start_matches('/')),
        theme: None,
    })
}

/// The file at `uri`, in the best form that the client takes; none when there is no such file.
pub fn file(uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let path = uri.path().trim_start_matches('/');
    let ending = path.rsplit('.').next().unwrap_or_default();
    if path.is_empty() || path == "manifest.json" || ending == "br" || ending == "gz" {
        return None;
    }
    let plain = Files::get(path)?;
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let accepts = |coding: &str| {
        accepted.split(',').any(|item| {
            item.split(';')
                .next()
                .is_some_and(|name| name.trim() == coding)
        })
    };
    let (data, coding) = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(coding, _)| accepts(coding))
        .find_map(|(coding, ending)| {
            Files::get(&format!("{path}{ending}")).map(|file| (file.data, Some(coding)))
        })
        .unwrap_or((plain.data, None));
    let body = match data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(path)),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    // Names below pkg/ carry their content's hash.
    let caching = if path.starts_with("pkg/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    Some(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
