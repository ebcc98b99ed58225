//! The API's description, written from the handlers themselves.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use types::FieldError;
use utoipa::{
    IntoResponses, OpenApi, ToSchema,
    openapi::{
        ContentBuilder, OpenApi as Document, Ref, RefOr, Response as Answer, ResponseBuilder,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::http::problem::MEDIA_TYPE;

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

/// How every call may be refused, beside what is its own.
pub struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Answer>> {
        [
            ("400", "The request could not be read: no JSON, no UTF-8"),
            ("401", "No valid token came in the header `Authorization: Bearer TOKEN`"),
            ("403", "The token's role may not"),
            ("405", "This address does not take that method; Allow lists those it takes"),
            ("413", "The body is above 1 MiB"),
            ("422", "A name, a parameter or a member is refused; `errors` names it"),
            ("429", "Too many tries; Retry-After says how many seconds to wait"),
            ("500", "A fault of the console's own; its log has the reason under `trace_id`"),
            ("503", "The database or the engine does not answer, or there is too much to do; Retry-After"),
        ]
        .into_iter()
        .map(|(status, description)| (status.to_owned(), problem(description)))
        .collect()
    }
}

fn problem(description: &str) -> RefOr<Answer> {
    let document = Ref::from_schema_name("ProblemDetails");
    let content = ContentBuilder::new().schema(Some(document)).build();
    ResponseBuilder::new()
        .description(description)
        .content(MEDIA_TYPE, content)
        .build()
        .into()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "ytops",
        description = "The true state of one server's platform, and what is done to it. Times are RFC 3339 in UTC. \
                       Errors are `application/problem+json`; an address under /api that is none of these answers 404.",
    ),
    components(schemas(ProblemDocument, types::charts::Pulse, types::backups::SetSettings)),
    security(("bearer" = [])),
    tags(
        (name = "stack", description = "Compose projects and their services"),
        (name = "resources", description = "What the meters of hosts say"),
        (name = "health", description = "Whether all is well"),
        (name = "backups", description = "Backup sets, what was backed up, and what is under way"),
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
