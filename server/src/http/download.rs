//! A file of a backup, or the dump of a database, as a download.

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::TryStreamExt;
use ops::{Actor, Ops, backups};
use types::Error;

use super::{
    api::{Number, Params},
    problem::Problem,
    refusal::encode,
};

/// The longest path of a file, in bytes.
const LONGEST_PATH: usize = 4_096;

/// Streams it. Whoever has not proved their password lately is led to the page that asks for it.
pub async fn backup(
    State(ops): State<Ops>,
    Extension(actor): Extension<Actor>,
    id: Number,
    mut params: Params,
) -> Response {
    let path = match given(&mut params) {
        Ok(path) => path,
        Err(error) => return Problem(error).into_response(),
    };
    let found = match backups::download(&ops, &actor, id.0, &path).await {
        Ok(found) => found,
        Err(fault) => match fault.tell(&actor.caller.trace_id) {
            Error::StepUpRequired => return Redirect::to(&asking(id.0, &path)).into_response(),
            error => return Problem(error).into_response(),
        },
    };
    let trace_id = actor.caller.trace_id;
    let pieces = found.pieces.map_err(move |fault| fault.tell(&trace_id));
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    if let Ok(named) = HeaderValue::from_str(&disposition(&found.name)) {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    if let Some(bytes) = found.bytes {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    }
    response
}

fn given(params: &mut Params) -> Result<String, Error> {
    let path = params.text("path", LONGEST_PATH)?.unwrap_or_default();
    params.done()?;
    Ok(path)
}

/// The page that asks for the password first.
fn asking(id: i64, path: &str) -> String {
    let page = format!("/backups/download/{id}");
    if path.is_empty() {
        page
    } else {
        format!("{page}?path={}", encode(path))
    }
}

/// What the browser is to call the file: as it is, and without letters that older ones do not read.
fn disposition(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_. ".contains(letter);
    let plain: String = (name.chars())
        .map(|letter| if is_plain(letter) { letter } else { '_' })
        .collect();
    // Browsers take a slash for a folder, and a name without letters for none.
    let plain = plain.trim_matches(['.', ' ']);
    let plain = if plain.is_empty() { "file" } else { plain };
    let whole = encode(name).replace('/', "%2F").replace('~', "%7E");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_nothing_else() {
        for (name, plain, whole) in [
            ("app.dump", "app.dump", "app.dump"),
            (".env", "env", ".env"),
            ("a\"b\r\n.txt", "a_b__.txt", "a%22b%0D%0A.txt"),
            ("über uns", "_ber uns", "%C3%BCber%20uns"),
            ("..", "file", ".."),
            ("a/../b", "a_.._b", "a%2F..%2Fb"),
        ] {
            assert_eq!(
                disposition(name),
                format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
            );
        }
    }

    #[test]
    fn who_has_to_prove_themselves_comes_back_to_the_same_file() {
        assert_eq!(asking(4, ""), "/backups/download/4");
        assert_eq!(
            asking(4, "/opt/a b&c"),
            "/backups/download/4?path=/opt/a%20b%26c"
        );
    }
}
