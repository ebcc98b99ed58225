//! The description says what is there, and what is there answers as described.

use std::collections::BTreeSet;

use axum::{body::Body, http::StatusCode};
use serde_json::{Value, json};
use server::http::{access::ENTRIES, api};
use sqlx::PgPool;
use types::Role;

use crate::console::{Console, request};

fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn every_route_is_described_and_every_description_is_a_route(db: PgPool) {
    let console = Console::new(db);
    let answer = console.get("/api/v1/openapi.json", "").await;
    assert_eq!(answer.status, StatusCode::OK);
    let document = answer.json();
    let described = operations(&document);
    let registered: BTreeSet<(String, String)> = ENTRIES
        .iter()
        .filter(|entry| entry.path.starts_with(api::PREFIX))
        .map(|entry| (entry.method.to_owned(), entry.path.to_owned()))
        .collect();
    assert_eq!(described, registered);
    for (method, path) in &described {
        let filled = path.replace("{project}", "a").replace("{service}", "b");
        let filled = filled.replace("{id}", "1");
        let answer = console
            .open(request(method, &filled, "", Body::empty()))
            .await;
        let expected = if path.ends_with("openapi.json") {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        };
        assert_eq!(answer.status(), expected, "{method} {path}");
    }
}

#[test]
fn every_operation_is_named_and_says_how_it_refuses() {
    let document = serde_json::to_value(api::document()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
    assert_eq!(document["security"], json!([{"bearer": []}]));
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            assert!(operation["summary"].is_string(), "{method} {path}");
            if !path.ends_with("openapi.json") {
                let refused = &operation["responses"]["401"];
                let how = refused["description"].as_str().unwrap();
                assert!(how.contains("`Authorization: Bearer TOKEN`"), "{how}");
                let refused = &refused["content"];
                let schema = &refused["application/problem+json"]["schema"]["$ref"];
                assert_eq!(
                    *schema, "#/components/schemas/ProblemDetails",
                    "{method} {path}"
                );
            }
        }
    }
}

#[test]
fn a_filter_that_needs_another_says_so() {
    let document = serde_json::to_value(api::document()).unwrap();
    let parameters = &document["paths"]["/api/v1/events"]["get"]["parameters"];
    let service = parameters
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "service");
    let told = service.unwrap()["description"].as_str().unwrap();
    assert!(told.contains("needs `project`"), "{told}");
}

/// The schema of one answer of an operation (e.g. `get /api/v1/stack`), with what it refers to.
fn schema(document: &Value, operation: &str, status: &str, media_type: &str) -> Value {
    let (method, path) = operation.split_once(' ').unwrap();
    let answer = &document["paths"][path][method]["responses"][status];
    let mut schema = answer["content"][media_type]["schema"].clone();
    assert!(schema.is_object(), "{operation} {status} has no schema");
    schema["components"] = document["components"].clone();
    schema
}

#[test]
fn the_stream_and_the_verdict_are_typed() {
    let document = serde_json::to_value(api::document()).unwrap();
    let event = schema(&document, "get /api/v1/stream", "200", "text/event-stream");
    assert_eq!(event["$ref"], "#/components/schemas/Change");
    let status = &document["components"]["schemas"]["Verification"]["properties"]["status"];
    let told = status.to_string();
    let outcome = &document["components"]["schemas"]["Outcome"]["enum"];
    assert!(told.contains("Outcome"), "{told}");
    assert_eq!(*outcome, json!(["success", "failed"]));
}

#[sqlx::test(migrations = "../migrations")]
async fn answers_have_the_shape_that_is_described(db: PgPool) {
    let console = Console::new(db);
    let token = console.token(Role::Cto).await;
    let document = console.get("/api/v1/openapi.json", "").await.json();
    for path in [
        "/api/v1/stack",
        "/api/v1/preflight",
        "/api/v1/verification",
        "/api/v1/overview",
        "/api/v1/users",
        "/api/v1/audit",
        "/api/v1/events",
        "/api/v1/hosts",
        "/api/v1/series",
        "/api/v1/backup-sets",
        "/api/v1/backups",
        "/api/v1/backup-targets",
    ] {
        let answer = console.get(path, &token).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        let operation = format!("get {path}");
        check(&document, &operation, "200", JSON, &answer.json());
        let refused = console.get(path, "").await.json();
        check(&document, &operation, "401", PROBLEM, &refused);
    }
}

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// A refusal is one that the document describes; what is no address of the API is described nowhere.
pub fn check_refusal(document: &Value, method: &str, asked: &str, refusal: &Value) {
    let asked = asked.split('?').next().unwrap();
    let matches = |pattern: &str| {
        let (pattern, asked) = (pattern.split('/'), asked.split('/'));
        pattern.clone().count() == asked.clone().count()
            && pattern
                .zip(asked)
                .all(|(part, given)| part.starts_with('{') || part == given)
    };
    let paths = document["paths"].as_object().unwrap();
    let Some((path, item)) = paths.iter().find(|(pattern, _)| matches(pattern)) else {
        assert!(
            matches!(refusal["status"].as_u64(), Some(401 | 404 | 413)),
            "{refusal}"
        );
        return;
    };
    // A method that is not taken belongs to no operation: each of the address's says so.
    let method = method.to_lowercase();
    let methods = item.as_object().unwrap().keys();
    for taken in methods.filter(|taken| !item[&method].is_object() || **taken == method) {
        let status = refusal["status"].to_string();
        check(
            document,
            &format!("{taken} {path}"),
            &status,
            PROBLEM,
            refusal,
        );
    }
}

/// The answer has the shape that the document gives it.
pub fn check(document: &Value, operation: &str, status: &str, media_type: &str, answer: &Value) {
    let schema = schema(document, operation, status, media_type);
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    let wrong: Vec<String> = validator
        .iter_errors(answer)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(
        wrong.is_empty(),
        "{operation} {status}: {wrong:#?}\n{answer:#}"
    );
}

/// The check above can fail.
#[test]
fn a_wrong_answer_is_noticed() {
    let document = serde_json::to_value(api::document()).unwrap();
    let schema = schema(&document, "get /api/v1/stack", "200", JSON);
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(!validator.is_valid(&json!({"projects": [{"name": 7}]})));
    assert!(!validator.is_valid(&json!({"projects": []})));
    let refusal = json!({"status": 418, "type": "x"});
    let unknown = std::panic::catch_unwind(|| {
        check_refusal(&document, "GET", "/api/v1/stack?x", &refusal);
    });
    assert!(unknown.is_err(), "a status that is not described");
}
