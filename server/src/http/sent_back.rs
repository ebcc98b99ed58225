//! The error in the address of a page that a refused form was sent back to, where scripts are off.
//!
//! Anybody can make such an address, so that a link would show their words as the console's. It counts with a cookie
//! that came with the refusal and holds the address' hash; without it the page is shown without the error.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use sha2::{Digest, Sha256};

const COOKIE: &str = "refused";
/// The parameters that hold the error.
const PARAMETERS: [&str; 2] = ["__path", "__err"];

/// Adds the cookie to an answer that leads back to a page with an error in its address.
pub fn mark(response: &mut Response, over_tls: bool) {
    let location = response.headers().get(header::LOCATION);
    let Some(query) = location
        .and_then(|location| location.to_str().ok())
        .and_then(|location| location.split_once('?'))
        .map(|(_, query)| query.split('#').next().unwrap_or_default())
        .filter(|query| holds_error(query))
    else {
        return;
    };
    let secure = if over_tls { "; Secure" } else { "" };
    let cookie = format!(
        "{}={}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax{secure}",
        name(over_tls),
        hash(query)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The way to the same page without an error, when its address holds one that the console did not send there.
pub fn foreign(request: &Request, over_tls: bool) -> Option<Response> {
    let query = request.uri().query().filter(|query| holds_error(query))?;
    if cookie(request.headers(), name(over_tls)).is_some_and(|sent| sent == hash(query)) {
        return None;
    }
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_of_error(pair)).collect();
    let path = request.uri().path();
    // A path that begins with two slashes would lead to another site.
    let path = format!("/{}", path.trim_start_matches(['/', '\\']));
    let clean = if rest.is_empty() {
        path
    } else {
        format!("{path}?{}", rest.join("&"))
    };
    Some(Redirect::to(&clean).into_response())
}

fn name(over_tls: bool) -> String {
    app::ssr::session::cookie_name(COOKIE, over_tls)
}

fn holds_error(query: &str) -> bool {
    query.split('&').any(is_of_error)
}

/// Its name is looked at as it is decoded, which is how it is read; one that can't be decoded is none of them. What the
/// value of another is worth, the page says that reads it.
fn is_of_error(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    super::form::pairs(name.as_bytes()).is_ok_and(|pairs| {
        pairs
            .iter()
            .any(|(name, _)| PARAMETERS.contains(&name.as_str()))
    })
}

fn hash(query: &str) -> String {
    hex::encode(Sha256::digest(query))
}

fn cookie(headers: &HeaderMap, name: String) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn way(address: &str, cookie: Option<&str>) -> Option<String> {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = address.parse().ok()?;
        if let Some(cookie) = cookie {
            let value = HeaderValue::from_str(cookie).ok()?;
            request.headers_mut().insert(header::COOKIE, value);
        }
        let response = foreign(&request, false)?;
        let location = response.headers().get(header::LOCATION)?;
        location.to_str().ok().map(str::to_owned)
    }

    #[test]
    fn an_error_that_the_console_did_not_send_is_taken_out() {
        for (address, clean) in [
            ("/sign-in?__path=/fn/sign_in&__err=eyJ9", "/sign-in"),
            ("/sign-in?next=%2Fa&__err=eyJ9", "/sign-in?next=%2Fa"),
            ("/sign-in?%5F_err=eyJ9&next=b", "/sign-in?next=b"),
            ("//evil.example?__err=eyJ9", "/evil.example"),
        ] {
            assert_eq!(way(address, None).as_deref(), Some(clean));
            let cookie = format!("refused={}", hash("next=%2Fa"));
            assert_eq!(way(address, Some(&cookie)).as_deref(), Some(clean));
        }
        assert_eq!(way("/sign-in?next=%2Fa", None), None);
        // What is no text stays, so that the page can say so; beside an error it goes with none of its own.
        assert_eq!(way("/audit?actor=%ff&target=%00&%ff=1", None), None);
        assert_eq!(
            way("/audit?actor=%ff&__err=%ff", None).as_deref(),
            Some("/audit?actor=%ff")
        );
        assert_eq!(way("/sign-in", None), None);
    }

    #[test]
    fn one_that_it_sent_is_shown() {
        let query = "__path=%2Ffn%2Fsign_in&__err=eyJ9";
        let back = format!("http://127.0.0.1:3000/sign-in?{query}");
        let mut response = Redirect::to(&back).into_response();
        mark(&mut response, false);
        let set = response.headers().get(header::SET_COOKIE);
        let cookie = set
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next());
        assert!(cookie.is_some());
        assert_eq!(way(&format!("/sign-in?{query}"), cookie), None);
        let other = way("/sign-in?__path=%2Ffn%2Fsign_in&__err=eyJ8", cookie);
        assert_eq!(other.as_deref(), Some("/sign-in"));
    }

    #[test]
    fn other_redirects_get_no_cookie() {
        let mut response = Redirect::to("/deployment?confirm=stop").into_response();
        mark(&mut response, false);
        assert!(!response.headers().contains_key(header::SET_COOKIE));
    }
}
