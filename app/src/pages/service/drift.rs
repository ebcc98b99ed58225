//! How a running service differs from the compose file, as a diff.

use types::deployment::Drift;

use crate::components::html::Html;

/// Writes the differences.
pub fn write(html: &mut Html, drift: &[Drift]) {
    html.start("pre", "diff", &[]);
    html.start("small", "", &[])
        .text("− in the compose file, + running")
        .end("small");
    for Drift {
        what,
        file,
        running,
        ..
    } in drift
    {
        for (tag, sign, text) in [("del", '-', file), ("ins", '+', running)] {
            if !text.is_empty() {
                html.start(tag, "", &[])
                    .text(&format!("{sign} {what}: {text}"))
                    .end(tag);
            }
        }
    }
    html.end("pre");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_stay_text_and_what_is_not_there_has_no_line() {
        let drift = Drift {
            what: "image".to_owned(),
            file: "<img src=x>".to_owned(),
            running: "a & b".to_owned(),
        };
        let gone = Drift {
            running: String::new(),
            ..drift.clone()
        };
        let mut html = Html::default();
        write(&mut html, &[drift, gone]);
        let html = html.as_str();
        assert!(html.contains("<small>− in the compose file, + running</small>"));
        let file = "<del>- image: &lt;img src=x&gt;</del>";
        assert_eq!(html.matches(file).count(), 2);
        assert_eq!(html.matches("<ins>+ image: a &amp; b</ins>").count(), 1);
    }
}
