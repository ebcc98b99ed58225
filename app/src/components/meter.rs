//! A share of a limit as a bar; the words beside it carry the value.

use crate::components::{format, html::Html};

/// The class of a meter at this share of its limit, 0 to 1.
pub const fn heat(share: f64) -> &'static str {
    if share >= 0.95 {
        "meter full"
    } else if share >= 0.8 {
        "meter hot"
    } else {
        "meter"
    }
}

/// Writes how full something is, or only its figure in words, `text`, where it has no limit to have a share of, 0 to 1.
pub fn write(html: &mut Html, share: Option<f64>, text: &str) {
    let Some(share) = share.filter(|share| share.is_finite()) else {
        html.start("span", "whitespace-nowrap text-muted", &[])
            .text(text)
            .end("span");
        return;
    };
    let width = format!("width:{}%", format::whole(share.clamp(0.0, 1.0) * 100.0));
    html.start("span", heat(share), &[])
        .start("i", "", &[("aria-hidden", "true")])
        .start("b", "", &[("style", &width)])
        .end("b")
        .end("i")
        .start("span", "", &[])
        .text(text)
        .end("span")
        .end("span");
}
