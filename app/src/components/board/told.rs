//! What stands above the charts: why there are none, or since when they are old.

use super::write::Look;
use crate::{
    charts::{Zone, times},
    components::{format, html::Html},
};

/// What stands above the charts: why there are none, or since when they are old.
pub fn told(html: &mut Html, look: &Look<'_>) {
    if let Some(error) = look.error {
        html.start("div", "note crit mb-3", &[]).start("b", "", &[]);
        html.text(&error.to_string()).end("b").end("div");
    }
    for panel in look.panels {
        let name = if look.panels.len() > 1 {
            panel.charts.host.as_str()
        } else {
            ""
        };
        if let Some(newest) = look.stale_since(panel) {
            let text = stale(newest, look.now, look.zone);
            html.start("div", "note warn mb-3", &[]).start("b", "", &[]);
            html.text(&named(name, &text)).end("b").end("div");
        }
    }
    let all = look
        .panels
        .first()
        .map_or(0, |panel| panel.charts.hosts.len());
    if look.panels.len() > 1 && all > look.panels.len() {
        let text = format!("{} of {all} hosts are shown.", look.panels.len());
        html.start("p", "hint mb-3", &[]).text(&text).end("p");
    }
}

pub fn named(name: &str, text: &str) -> String {
    if name.is_empty() {
        text.to_owned()
    } else {
        format!("{name}: {text}")
    }
}

/// Since when there are no samples, or from when there are some again.
fn stale(newest: i64, now: i64, zone: Zone) -> String {
    let at = times::instant(newest, (now - newest).abs(), zone);
    if newest > now {
        return format!("The clock was set back: samples are stored again from {at}.");
    }
    let age = format::duration((now - newest) / 1_000);
    format!("Last sample at {at}, {age} ago.")
}
