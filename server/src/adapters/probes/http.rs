//! One `GET` over HTTP/1.1.

use std::time::Instant;

use axum::{
    body::Bytes,
    http::{Request, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use ops::outside::{Address, HttpAnswer, HttpRequest, ProbeError, Secret};
use tokio_util::task::AbortOnDropHandle;

use super::connect;

/// The largest head of an answer, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// Asks, and reads as much of the body as is wanted. Redirects are not followed.
pub async fn ask(at: &Address, request: &HttpRequest) -> Result<HttpAnswer, ProbeError> {
    let begun = Instant::now();
    let stream = connect(at).await?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| wrong(&error))?;
    // The connection ends with this question, however it ends.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let answer = sender
        .send_request(message(at, request)?)
        .await
        .map_err(|error| wrong(&error))?;
    let status = answer.status().as_u16();
    let mut body = answer.into_body();
    let mut read = Vec::new();
    while read.len() < request.max_body {
        let Some(frame) = body.frame().await else {
            break;
        };
        if let Some(data) = frame.map_err(|error| wrong(&error))?.data_ref() {
            let wanted = (request.max_body - read.len()).min(data.len());
            read.extend_from_slice(&data[..wanted]);
        }
    }
    Ok(HttpAnswer {
        status,
        latency: begun.elapsed(),
        body: read,
    })
}

fn message(at: &Address, request: &HttpRequest) -> Result<Request<Empty<Bytes>>, ProbeError> {
    let mut message = Request::get(&request.path)
        .header(header::HOST, at.to_string())
        .header(header::USER_AGENT, "ytops")
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close");
    if let Some((user, password)) = &request.login {
        message = message.header(header::AUTHORIZATION, basic(user, password));
    }
    message
        .body(Empty::new())
        .map_err(|_error| ProbeError::Wrong("the address can't be asked for".to_owned()))
}

/// RFC 7617.
fn basic(user: &str, password: &Secret) -> String {
    let plain = format!("{user}:{}", password.expose());
    format!("Basic {}", BASE64_STANDARD.encode(plain))
}

/// hyper's words name the fault and never what was sent.
fn wrong(error: &hyper::Error) -> ProbeError {
    if error.is_parse() {
        ProbeError::Wrong(format!("it does not speak HTTP: {error}"))
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        ProbeError::Wrong("the connection was closed in the middle of the answer".to_owned())
    } else {
        ProbeError::Wrong(format!("the answer broke off: {error}"))
    }
}
