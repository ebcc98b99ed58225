//! Says on the next page what a form did that was sent without a script.

use super::{cookies, typed::is_plain_form};

const COOKIE: &str = "done";

/// Leaves the sentence for the next page. A script says it by itself.
pub fn say(text: &str) {
    if is_plain_form() {
        cookies::leave(COOKIE, text);
    }
}

/// What was left, which is said once.
pub fn take() -> Option<String> {
    let text = cookies::read_text(COOKIE)?;
    cookies::remove(COOKIE);
    Some(text)
}
