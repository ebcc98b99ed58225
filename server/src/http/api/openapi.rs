//! The API's description, written from the handlers themselves.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use types::FieldError;
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        OpenApi as Document,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

/// Why a call was refused, as RFC 9457 has it. Members beyond these belong to the kind of error and may grow.
#[derive(Serialize, ToSchema)]
#[schema(as = ProblemDetails)]
pub struct ProblemDocument {
    /// The kind of problem, e.g. `/problems/not-found`.
    r#type: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong and what to do, a sentence or two.
    detail: String,
    /// The fields and parameters that were refused.
    errors: Vec<FieldError>,
    /// The request's id in the console's log.
    trace_id: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "ytops",
        description = "The true state of one server's platform, and what is done to it. Times are RFC 3339 in UTC. \
                       Errors are `application/problem+json`.",
    ),
    components(schemas(ProblemDocument)),
    security(("bearer" = [])),
    tags(
        (name = "stack", description = "Compose projects and their services"),
        (name = "health", description = "Whether all is well"),
        (name = "identity", description = "Who may do what, and who did"),
        (name = "meta", description = "The API itself"),
    )
)]
struct Base;

/// What stands around the routes.
pub fn base() -> Document {
    let mut document = Base::openapi();
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.description = Some(
        "An API token: Settings, Tokens, or `ytops token add`. A signed-in browser may read without one.".to_owned(),
    );
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    document
}

/// The whole description.
pub fn document() -> Document {
    let (_, document) = super::described().split_for_parts();
    document
}

static TEXT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());

/// This description
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "meta",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json"))
)]
pub async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}
