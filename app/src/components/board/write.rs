//! The board as HTML: the same on the server and in the browser, which then keeps it up to date piece by piece.

use types::{
    Error,
    charts::{Chart, Line, Mark},
    health::Status,
    resources::SourceState,
};

use super::{
    numbers,
    panel::Panel,
    wanted::{COMPARED, Wanted},
};
use crate::{
    charts::{self, Picture, Zone, hue, times, units},
    components::{format, html::Html},
};

/// A sample older than this, in milliseconds, is not of now.
const STALE: i64 = 5_000;

/// The most marks that are listed.
const LISTED: usize = 30;

/// What is shown, and how.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// What was asked for.
    pub wanted: &'a Wanted,
    /// The charts of each host.
    pub panels: &'a [Panel],
    /// Why there are none.
    pub error: Option<&'a Error>,
    /// Chart and label of each line that is not shown.
    pub muted: &'a [(String, String)],
    /// Now, in milliseconds since 1970.
    pub now: i64,
    /// The zone of whoever reads.
    pub zone: Zone,
    /// How high text in charts is, in pixels.
    pub text: u32,
    /// The size of a chart, in pixels, where it is not known better.
    pub size: (u32, u32),
}

/// A chart's place: of its host among the hosts, of it among the host's.
pub type Place = (usize, usize);

impl Look<'_> {
    /// Whether a line is not shown.
    pub fn is_muted(&self, chart: &Chart, line: &Line) -> bool {
        self.muted
            .iter()
            .any(|(id, label)| *id == chart.id && *label == line.label)
    }

    /// The chart at a place.
    pub fn chart(&self, place: Place) -> Option<(&Panel, &Chart)> {
        let panel = self.panels.get(place.0)?;
        Some((panel, panel.charts.charts.get(place.1)?))
    }

    /// Calls `then` with the picture of a chart.
    pub fn picture<T>(
        &self,
        (panel, chart): (&Panel, &Chart),
        size: (u32, u32),
        then: impl FnOnce(&Picture<'_>) -> T,
    ) -> T {
        then(&Picture {
            chart,
            from: panel.charts.from,
            to: panel.charts.to,
            marks: &panel.charts.marks,
            muted: &|line| self.is_muted(chart, line),
            width: size.0,
            height: size.1,
            text: self.text,
            zone: self.zone,
        })
    }

    /// Places of all charts, in the order in which they are shown: those of several hosts side by side.
    pub fn places(&self) -> Vec<Place> {
        let mut ids: Vec<&str> = Vec::new();
        for chart in self.panels.iter().flat_map(|panel| &panel.charts.charts) {
            if !ids.contains(&chart.id.as_str()) {
                ids.push(&chart.id);
            }
        }
        let mut places = Vec::new();
        for id in ids {
            for (host, panel) in self.panels.iter().enumerate() {
                let is_it = |chart: &Chart| chart.id == id;
                places.extend(
                    panel
                        .charts
                        .charts
                        .iter()
                        .position(is_it)
                        .map(|chart| (host, chart)),
                );
            }
        }
        places
    }
}

/// All of it.
pub fn board(html: &mut Html, look: &Look<'_>) {
    html.start("div", "told", &[("role", "status")]);
    told(html, look);
    html.end("div");
    html.start("div", "charts", &[]);
    for place in look.places() {
        card(html, look, place);
    }
    html.end("div").start("div", "after", &[]);
    after(html, look);
    html.end("div");
}

/// What stands above the charts: why there are none, or since when they are old.
pub fn told(html: &mut Html, look: &Look<'_>) {
    if let Some(error) = look.error {
        html.start("div", "note crit mb-3", &[]).start("b", "", &[]);
        html.text(&error.to_string()).end("b").end("div");
    }
    for panel in look.panels.iter().filter(|_| look.wanted.is_live()) {
        let name = if look.panels.len() > 1 {
            panel.charts.host.as_str()
        } else {
            ""
        };
        if let Some(text) = stale(panel.charts.newest, look.now, look.zone) {
            html.start("div", "note warn mb-3", &[]).start("b", "", &[]);
            html.text(&named(name, &text)).end("b").end("div");
        }
    }
}

fn named(name: &str, text: &str) -> String {
    if name.is_empty() {
        text.to_owned()
    } else {
        format!("{name}: {text}")
    }
}

/// Since when there are no samples; none where there are.
pub fn stale(newest: Option<i64>, now: i64, zone: Zone) -> Option<String> {
    let newest = newest.filter(|newest| now - newest > STALE)?;
    let age = format::duration((now - newest) / 1_000);
    let at = times::instant(newest, now - newest, zone);
    Some(format!("Last sample at {at}, {age} ago."))
}

/// A chart with its heading, its legend and its table.
fn card(html: &mut Html, look: &Look<'_>, place: Place) {
    let Some((panel, chart)) = look.chart(place) else {
        return;
    };
    let at = format!("{}-{}", place.0, place.1);
    let title = if look.panels.len() > 1 {
        format!("{} · {}", chart.title, panel.charts.host)
    } else {
        chart.title.clone()
    };
    html.start(
        "section",
        "card chart",
        &[
            ("data-chart", &at),
            ("aria-label", &title),
            ("id", &chart.id),
        ],
    );
    html.start("header", "", &[])
        .start("h2", "", &[])
        .text(&title)
        .end("h2");
    html.start("span", "sp", &[]).end("span");
    let (number, unit) = heading(look, chart);
    html.start("b", "now", &[])
        .text(&number)
        .end("b")
        .start("small", "unit", &[])
        .text(&unit)
        .end("small");
    exports(html, &title);
    html.end("header");
    html.start("div", "plot-box", &[])
        .start("div", "picture", &[]);
    look.picture((panel, chart), look.size, |picture| html.chart(picture));
    html.end("div");
    let label = format!("{title}: time");
    let hint =
        "Left and right move along, Home and End to the ends, plus and minus zoom, Escape lets go.";
    html.start(
        "div",
        "reader",
        &[
            ("role", "slider"),
            ("tabindex", "0"),
            ("aria-label", &label),
            ("aria-valuemin", "0"),
            ("aria-valuemax", "100"),
            ("aria-valuenow", "100"),
            ("aria-valuetext", "now"),
            ("aria-description", hint),
        ],
    );
    html.start("i", "cross", &[("hidden", "")]).end("i");
    html.start("i", "select", &[("hidden", "")]).end("i");
    html.start("span", "at", &[("hidden", "")]).end("span");
    html.end("div").end("div");
    legend(html, look, (panel, chart));
    html.start("details", "numbers", &[])
        .start("summary", "", &[])
        .text("Table")
        .end("summary");
    html.start(
        "div",
        "scroll",
        &[
            ("tabindex", "0"),
            ("role", "group"),
            ("aria-label", &format!("{title} as a table")),
        ],
    );
    numbers::table(html, chart, (panel.charts.from, panel.charts.to), look.zone);
    html.end("div").end("details").end("section");
}

/// The newest value, and what stands beside it.
pub fn heading(look: &Look<'_>, chart: &Chart) -> (String, String) {
    let muted = |line: &Line| look.is_muted(chart, line);
    let Some((number, unit, of)) = charts::latest(chart, &muted) else {
        return ("–".to_owned(), String::new());
    };
    let of = if of.is_empty() {
        unit
    } else {
        format!("{unit} {of}")
    };
    let whole = chart.most.filter(|_| chart.unit != "1");
    let unit = whole.map_or_else(
        || of.clone(),
        |most| format!("{of} of {}", units::value(&chart.unit, most)),
    );
    (number, unit)
}

fn exports(html: &mut Html, title: &str) {
    html.start("details", "menu", &[]);
    let label = format!("Export {title}");
    html.start("summary", "btn plain", &[("aria-label", &label)])
        .text("Export")
        .end("summary");
    html.start("div", "sheet", &[]);
    for (kind, text) in [
        ("csv", "CSV, all points"),
        ("svg", "SVG, as shown"),
        ("png", "PNG, as shown"),
    ] {
        html.start(
            "button",
            "nav",
            &[("type", "button"), ("data-export", kind)],
        )
        .text(text)
        .end("button");
    }
    html.end("div").end("details");
}

/// The series with their newest values, and what else the lines are.
fn legend(html: &mut Html, look: &Look<'_>, (panel, chart): (&Panel, &Chart)) {
    html.start("ul", "legend", &[("aria-label", "Series")]);
    let is_one = chart.lines.len() == 1;
    for (place, line) in chart.lines.iter().enumerate() {
        html.start("li", "", &[]);
        let nth = place.to_string();
        if is_one {
            html.start("span", "series", &[])
                .marker(hue(place))
                .text(&line.label)
                .end("span");
        } else {
            let pressed = if look.is_muted(chart, line) {
                "false"
            } else {
                "true"
            };
            html.start(
                "button",
                "series",
                &[
                    ("type", "button"),
                    ("aria-pressed", pressed),
                    ("data-line", &nth),
                ],
            );
            html.marker(hue(place)).text(&line.label).end("button");
        }
        html.start("span", "val", &[])
            .text(&value(panel, chart, line, None))
            .end("span");
        if !is_one {
            let label = format!("Only {}", line.label);
            html.start(
                "button",
                "only",
                &[
                    ("type", "button"),
                    ("data-only", &nth),
                    ("aria-label", &label),
                ],
            );
            html.text("only").end("button");
        }
        html.end("li");
    }
    if chart.lines.iter().any(|line| line.before.is_some()) {
        let name = COMPARED
            .iter()
            .find(|(seconds, _)| *seconds == look.wanted.before_s);
        let name = name.map_or("before", |(_, name)| name);
        html.start("li", "dashed", &[]).text(name).end("li");
    }
    if chart.left_out > 0 {
        let text = format!("and {} more, which had less", chart.left_out);
        html.start("li", "text-muted", &[]).text(&text).end("li");
    }
    for limit in &chart.limits {
        html.start("li", "dashed", &[]).text(&limit.label).end("li");
    }
    html.end("ul");
}

/// A line's value at a time, or its newest.
pub fn value(panel: &Panel, chart: &Chart, line: &Line, at: Option<i64>) -> String {
    let at = at
        .or(panel.charts.newest)
        .unwrap_or(panel.charts.to)
        .min(panel.charts.to);
    let value = charts::value_at(&line.points, at);
    value.map_or_else(
        || format::UNKNOWN.to_owned(),
        |value| units::value(&chart.unit, value),
    )
}

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
    let unreadable: Vec<_> = look
        .panels
        .iter()
        .flat_map(|panel| &panel.charts.unreadable)
        .collect();
    if !unreadable.is_empty() {
        html.start("section", "card", &[])
            .start("header", "", &[])
            .start("h2", "", &[]);
        html.text("What can't be read")
            .end("h2")
            .end("header")
            .start("ul", "rows", &[]);
        for state in unreadable {
            source(html, state);
        }
        html.end("ul").end("section");
    }
    let mut marks: Vec<_> = look
        .panels
        .iter()
        .flat_map(|panel| panel.charts.marks.iter())
        .collect();
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.at));
    marks.dedup();
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
        for mark in marks.into_iter().take(LISTED) {
            happened(html, mark, span, look.zone);
        }
        html.end("ol").end("section");
    }
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

fn source(html: &mut Html, state: &SourceState) {
    let name = if state.device.is_empty() {
        state.source.clone()
    } else {
        format!("{} {}", state.source, state.device)
    };
    html.start("li", "", &[])
        .start("b", "", &[])
        .text(&format::capitalised(&name))
        .end("b")
        .text(" ");
    html.start("span", "text-muted", &[])
        .text(state.reason.as_deref().unwrap_or_default())
        .end("span")
        .end("li");
}

fn happened(html: &mut Html, mark: &Mark, span: i64, zone: Zone) {
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
    // A page of the console, never another address.
    if mark.href.starts_with('/') && !mark.href.starts_with("//") {
        html.start("a", "", &[("href", &mark.href)])
            .text(&mark.text)
            .end("a");
    } else {
        html.text(&mark.text);
    }
    html.end("span").end("li");
}
