//! The built site: embedded in a release build, read from `YTOPS_SITE_DIR` in a debug one. Each file was compressed
//! once, when it was built.

use std::{collections::BTreeMap, fmt::Write};

use app::{Area, Site};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

use super::compress;
use crate::serve::ServeError;

/// Names the site's parts; what the project's own build leaves and cargo-leptos does not.
const MANIFEST: &str = "manifest.json";

/// For browsers, and caches on the way: names below pkg/ carry their content's hash.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Files that keep their names.
const AN_HOUR: &str = "public, max-age=3600";
/// Built by cargo-leptos, whose names stay while the content changes.
const ASK_AGAIN: &str = "no-cache";

#[derive(RustEmbed)]
#[folder = "$YTOPS_SITE_DIR"]
#[allow_missing = true]
struct Files;

#[derive(Deserialize)]
struct Manifest {
    areas: BTreeMap<String, Scripts>,
    css: String,
}

#[derive(Deserialize)]
struct Scripts {
    js: String,
    wasm: String,
}

/// The names of what each page links to.
#[derive(Clone, Debug, Default)]
pub struct Sites([Site; Area::ALL.len()]);

impl Sites {
    /// What a page at `path` links to.
    pub fn of(&self, path: &str) -> Site {
        let area = Area::of(path);
        let place = Area::ALL.iter().position(|one| *one == area);
        self.0
            .get(place.unwrap_or_default())
            .cloned()
            .unwrap_or_default()
    }
}

/// The names of the site's parts: those of its manifest; without one, those that cargo-leptos gives.
///
/// # Errors
/// The site was not built.
pub fn names() -> Result<Sites, ServeError> {
    names_in::<Files>(cfg!(debug_assertions))
}

fn names_in<F: RustEmbed>(may_come_later: bool) -> Result<Sites, ServeError> {
    let manifest = match F::get(MANIFEST) {
        Some(file) => serde_json::from_slice(&file.data)
            .map_err(|error| ServeError::Site(format!("{MANIFEST}: {error}")))?,
        None if may_come_later || F::get("pkg/ytops.js").is_some() => of_cargo_leptos(),
        None => return Err(ServeError::Site(format!("{MANIFEST} is not there"))),
    };
    let rooted = |name: &str| format!("/{}", name.trim_start_matches('/'));
    let mut sites = Sites::default();
    for (site, area) in sites.0.iter_mut().zip(Area::ALL) {
        let scripts = manifest.areas.get(area.as_str()).ok_or_else(|| {
            ServeError::Site(format!("{MANIFEST} has nothing for {}", area.as_str()))
        })?;
        *site = Site {
            js: rooted(&scripts.js),
            wasm: rooted(&scripts.wasm),
            css: rooted(&manifest.css),
            theme: None,
        };
    }
    Ok(sites)
}

/// One script for all areas.
fn of_cargo_leptos() -> Manifest {
    let scripts = |area: Area| {
        let scripts = Scripts {
            js: "pkg/ytops.js".to_owned(),
            wasm: "pkg/ytops.wasm".to_owned(),
        };
        (area.as_str().to_owned(), scripts)
    };
    Manifest {
        areas: Area::ALL.into_iter().map(scripts).collect(),
        css: "pkg/ytops.css".to_owned(),
    }
}

/// The file at `uri`, in the best form that the client takes; none when there is no such file.
pub fn file(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    file_of::<Files>(method, uri, headers)
}

/// The same of another site.
pub fn file_of<F: RustEmbed>(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let path = uri.path().trim_start_matches('/');
    let ending = path.rsplit('.').next().unwrap_or_default();
    if path.is_empty() || path == MANIFEST || ending == "br" || ending == "gz" {
        return None;
    }
    let plain = F::get(path)?;
    if method != Method::GET && method != Method::HEAD {
        let allowed = [(header::ALLOW, "GET, HEAD")];
        return Some((StatusCode::METHOD_NOT_ALLOWED, allowed).into_response());
    }
    let coding = coding::<F>(path, headers);
    let tag = tag(&plain, coding);
    let caching = if !path.starts_with("pkg/") {
        AN_HOUR
    } else if F::get(MANIFEST).is_some() {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    let mut response = if is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        content::<F>(path, plain, coding)
    };
    let told = response.headers_mut();
    told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    told.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        told.insert(header::ETAG, tag);
    }
    Some(response)
}

/// A compressed form, by its name in headers and the ending of its file.
type Coding = (&'static str, &'static str);

/// The best compressed form that is there and that the client takes.
fn coding<F: RustEmbed>(path: &str, headers: &HeaderMap) -> Option<Coding> {
    [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(name, _)| compress::takes(headers, name))
        .find(|(_, ending)| F::get(&format!("{path}{ending}")).is_some())
}

/// The content's hash; each form has a tag of its own.
fn tag(file: &EmbeddedFile, coding: Option<Coding>) -> String {
    let hash = file.metadata.sha256_hash();
    let mut tag = String::from("\"");
    for byte in hash.iter().take(16) {
        // Writing to a String can't fail.
        let _ = write!(tag, "{byte:02x}");
    }
    if let Some((name, _)) = coding {
        tag.push('-');
        tag.push_str(name);
    }
    tag.push('"');
    tag
}

/// The client has this very form already.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn content<F: RustEmbed>(path: &str, plain: EmbeddedFile, coding: Option<Coding>) -> Response {
    let packed =
        coding.and_then(|(name, ending)| Some((name, F::get(&format!("{path}{ending}"))?)));
    let (data, coding) = match packed {
        Some((name, file)) => (file.data, Some(name)),
        None => (plain.data, None),
    };
    let body = match data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(path)),
    );
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(RustEmbed)]
    #[folder = "tests/site"]
    struct Built;

    #[derive(RustEmbed)]
    #[folder = "tests/site-leptos"]
    struct OfCargoLeptos;

    #[derive(RustEmbed)]
    #[folder = "tests/site-none"]
    #[allow_missing = true]
    struct Missing;

    #[test]
    fn the_names_are_the_manifests_or_those_of_cargo_leptos() {
        let js = |sites: Result<Sites, ServeError>| sites.ok().map(|sites| sites.of("/").js);
        let hashed = Some("/pkg/app.0123456789abcdef.js".to_owned());
        assert_eq!(js(names_in::<Built>(false)), hashed);
        let of_audit = names_in::<Built>(false)
            .ok()
            .map(|sites| sites.of("/audit"));
        assert_eq!(
            of_audit.map(|site| (site.js, site.css)),
            Some((
                "/pkg/other.0123456789abcdef.js".to_owned(),
                "/pkg/app.0123456789abcdef.css".to_owned()
            ))
        );
        let plain = Some("/pkg/ytops.js".to_owned());
        assert_eq!(js(names_in::<OfCargoLeptos>(false)), plain);
        assert_eq!(js(names_in::<Missing>(true)), plain);
        assert_eq!(js(names_in::<Missing>(false)), None);
    }
}
