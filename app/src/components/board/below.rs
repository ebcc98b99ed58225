//! What stands below the charts.

use types::{charts::Mark, health::Status, resources::SourceState};

use super::{panel::Panel, told::named, write::Look};
use crate::{
    charts::{Zone, times},
    components::html::Html,
};

/// The most marks that are listed.
const LISTED: usize = 30;

/// What stands below the charts: that there are none yet, what can't be read, what happened.
pub fn after(html: &mut Html, look: &Look<'_>) {
    if look.error.is_none()
        && look
            .panels
            .iter()
            .all(|panel| panel.charts.charts.is_empty())
    {
        empty(html, look);
    }
    // Of several hosts each is named.
    let name = |host: &'_ str| {
        if look.panels.len() > 1 {
            host.to_owned()
        } else {
            String::new()
        }
    };
    let unreadable: Vec<_> = look
        .panels
        .iter()
        .flat_map(|panel| {
            let host = name(&panel.charts.host);
            panel
                .charts
                .unreadable
                .iter()
                .map(move |state| (host.clone(), state))
        })
        .collect();
    if !unreadable.is_empty() {
        html.start("section", "card", &[])
            .start("header", "", &[])
            .start("h2", "", &[]);
        html.text("What can't be read")
            .end("h2")
            .end("header")
            .start("ul", "rows", &[]);
        for (host, state) in unreadable {
            source(html, &host, state);
        }
        html.end("ul").end("section");
    }
    let marks = newest(look);
    if !marks.is_empty() {
        html.start("section", "card", &[])
            .start("header", "", &[])
            .start("h2", "", &[]);
        html.text("What happened in this time")
            .end("h2")
            .end("header")
            .start("ol", "events", &[]);
        let span = look
            .panels
            .first()
            .map_or(0, |panel| panel.charts.to - panel.charts.from);
        for (panel, mark) in marks {
            happened(html, &name(&panel.charts.host), mark, (span, look.zone));
        }
        html.end("ol").end("section");
    }
}

/// The newest of what happened, the newest first; each host's own is in order already.
fn newest<'a>(look: &Look<'a>) -> Vec<(&'a Panel, &'a Mark)> {
    let mut left: Vec<_> = (look.panels.iter())
        .map(|panel| (panel, panel.charts.marks.as_slice()))
        .collect();
    let mut newest = Vec::new();
    while newest.len() < LISTED {
        let ends = left.iter_mut().filter(|(_, marks)| !marks.is_empty());
        let Some((panel, marks)) = ends.max_by_key(|(_, marks)| marks.last().map(|mark| mark.at))
        else {
            break;
        };
        if let Some((mark, before)) = marks.split_last() {
            newest.push((*panel, mark));
            *marks = before;
        }
    }
    newest
}

fn empty(html: &mut Html, look: &Look<'_>) {
    let is_new = look
        .panels
        .iter()
        .all(|panel| panel.charts.newest.is_none());
    let (title, text) = if !look.wanted.service.is_empty() {
        (
            "No samples of this service",
            "They come as soon as one of its containers runs.",
        )
    } else if is_new {
        (
            "Nothing is stored yet",
            "The console takes samples of its own host every second; the first charts are here in some seconds. Other hosts \
             send theirs by ytops agent --join.",
        )
    } else {
        (
            "Nothing of this kind",
            "This host has nothing to measure here, or could not be read in this time.",
        )
    };
    html.start("section", "card", &[])
        .start("div", "empty", &[]);
    html.start("b", "", &[])
        .text(title)
        .end("b")
        .start("p", "", &[])
        .text(text)
        .end("p");
    html.end("div").end("section");
}

fn source(html: &mut Html, host: &str, state: &SourceState) {
    let source = crate::pages::overview::name_of(&state.source);
    let name = if state.device.is_empty() {
        source
    } else {
        format!("{source} {}", state.device)
    };
    html.start("li", "", &[])
        .start("b", "", &[])
        .text(&named(host, &name))
        .end("b")
        .text(" ");
    html.start("span", "text-muted", &[])
        .text(state.reason.as_deref().unwrap_or_default())
        .end("span")
        .end("li");
}

fn happened(html: &mut Html, host: &str, mark: &Mark, (span, zone): (i64, Zone)) {
    let machine = times::machine(mark.at);
    html.start("li", "", &[])
        .start("time", "", &[("datetime", &machine)]);
    html.text(&times::instant(mark.at, span, zone))
        .end("time")
        .start("span", "", &[]);
    let (badge, word) = match mark.status {
        Status::Ok => ("st ok", "good"),
        Status::Warning => ("st warn", "warning"),
        Status::Critical => ("st crit", "critical"),
        Status::Unknown => ("", ""),
    };
    if !badge.is_empty() {
        html.start("span", badge, &[])
            .text(word)
            .end("span")
            .text(" ");
    }
    let text = named(host, &mark.text);
    // A page of the console, never another address.
    if mark.href.starts_with('/') && !mark.href.starts_with("//") {
        html.start("a", "", &[("href", &mark.href)])
            .text(&text)
            .end("a");
    } else {
        html.text(&text);
    }
    html.end("span").end("li");
}
