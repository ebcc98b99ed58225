//! Pages and server functions: rendered by Leptos with the request's tools in context.

use app::{App, Site, shell, ssr::session::OverTls};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    handler::Handler,
    http::{HeaderMap, HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::any,
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use tower::ServiceExt;

use super::{Http, functions, sent_back, session, site, site::Sites};

/// Method and pattern of every page.
pub fn routes() -> Vec<(String, String)> {
    generate_route_list(App)
        .iter()
        .map(|page| ("GET".to_owned(), page.path().to_owned()))
        .collect()
}

/// Routes of all pages and of all server functions.
pub fn router(http: &Http) -> Router<Http> {
    let routes = generate_route_list(App);
    let context = http.clone();
    let page_site = http.site.clone();
    Router::new()
        .route("/fn/{*name}", any(functions::unknown))
        .leptos_routes_with_context(
            http,
            routes,
            move || provide(&context),
            move || page(&page_site),
        )
        .route_layer(middleware::from_fn_with_state(
            http.clone(),
            functions::around,
        ))
}

/// The site's own files, else the page that says there is none, in the frame of who asks.
pub async fn not_found(State(http): State<Http>, request: Request<Body>) -> Response {
    if let Some(response) = site::file(request.method(), request.uri(), request.headers()) {
        return response;
    }
    // Here and not around the whole fallback: files need no session.
    let page = no_such_page
        .layer(middleware::from_fn_with_state(
            http.clone(),
            session::identify,
        ))
        .layer(session::layer(&http.ops, &http.config));
    match page.with_state(http).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn no_such_page(State(http): State<Http>, request: Request<Body>) -> Response {
    if let Some(elsewhere) = sent_back::foreign(&request, http.config.is_https()) {
        return elsewhere;
    }
    let site = http.site.clone();
    let render =
        leptos_axum::render_app_async_with_context(move || provide(&http), move || page(&site));
    render(request).await.into_response()
}

pub(super) fn provide(http: &Http) {
    provide_context(http.ops.clone());
    provide_context(OverTls(http.config.is_https()));
}

fn page(sites: &Sites) -> impl IntoView + use<> {
    let parts = use_context::<axum::http::request::Parts>();
    let path = parts.as_ref().map_or("/", |parts| parts.uri.path());
    if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
        let policy = format!(
            "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
             style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    shell(&Site {
        theme: parts
            .as_ref()
            .and_then(|parts| pinned_theme(&parts.headers))
            // A screen in the office is easier on the eyes so.
            .or((path == "/wall").then_some("dark")),
        ..sites.of(path)
    })
}

fn pinned_theme(headers: &HeaderMap) -> Option<&'static str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let theme = cookies
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix("theme="))?;
    match theme {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    }
}
