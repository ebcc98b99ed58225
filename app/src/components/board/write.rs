//! The board as HTML: the same on the server and in the browser, which then keeps it up to date piece by piece.

use types::{
    Error,
    charts::{Chart, Line},
};

use super::{
    below, numbers,
    panel::Panel,
    wanted::{COMPARED, Wanted},
};
use crate::{
    charts::{self, Picture, Zone, hue, times, units},
    components::{format, html::Html},
};

/// A sample older than this, in milliseconds, is not of now.
const STALE: i64 = 5_000;
/// The same of several hosts, which are read anew every 5 s and not told each second.
const STALE_OF_SEVERAL: i64 = 15_000;

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
        self.rows().into_iter().flatten().flatten().collect()
    }

    /// Places of charts of one kind, kind by kind: of each host in its turn, none where it has none.
    fn rows(&self) -> Vec<Vec<Option<Place>>> {
        let mut ids: Vec<&str> = Vec::new();
        for chart in self.panels.iter().flat_map(|panel| &panel.charts.charts) {
            if !ids.contains(&chart.id.as_str()) {
                ids.push(&chart.id);
            }
        }
        let row = |id: &str| {
            let places = self.panels.iter().enumerate().map(|(host, panel)| {
                let mut charts = panel.charts.charts.iter();
                Some((host, charts.position(|chart| chart.id == id)?))
            });
            places.collect()
        };
        ids.into_iter().map(row).collect()
    }

    /// Since when a host's samples are missing; none where they are not, or where the range stands still.
    fn stale_since(&self, panel: &Panel) -> Option<i64> {
        let limit = if self.panels.len() > 1 {
            STALE_OF_SEVERAL
        } else {
            STALE
        };
        let newest = panel.charts.newest?;
        (self.wanted.is_live() && self.now - newest > limit).then_some(newest)
    }

    /// A host's samples are not of now.
    pub fn is_stale(&self, panel: &Panel) -> bool {
        self.stale_since(panel).is_some()
    }
}

/// All of it.
pub fn board(html: &mut Html, look: &Look<'_>) {
    html.start("div", "told", &[]);
    told(html, look);
    html.end("div");
    charts_of(html, look);
    html.start("div", "after", &[]);
    below::after(html, look);
    html.end("div");
}

/// The charts. Those of several hosts stand in rows of a kind, so that a host's are below each other.
fn charts_of(html: &mut Html, look: &Look<'_>) {
    let class = match look.panels.len() {
        0 | 1 => "charts",
        2 | 4 => "charts several by-two",
        _ => "charts several",
    };
    html.start("div", class, &[]);
    if look.panels.len() < 2 {
        for place in look.places() {
            card(html, look, place);
        }
    } else {
        for row in look.rows() {
            same(html, look, row);
        }
    }
    html.end("div");
}

/// The charts of one kind, of each host in its turn.
fn same(html: &mut Html, look: &Look<'_>, row: Vec<Option<Place>>) {
    html.start("div", "same", &[]);
    let kind = row.iter().flatten().next().copied();
    for (host, place) in row.into_iter().enumerate() {
        match place {
            Some(place) => card(html, look, place),
            None => absent(html, look, host, kind),
        }
    }
    html.end("div");
}

/// In place of a chart that others have and this host does not.
fn absent(html: &mut Html, look: &Look<'_>, host: usize, kind: Option<Place>) {
    let title = kind.and_then(|place| look.chart(place));
    let title = title.map_or("", |(_, chart)| chart.title.as_str());
    let host = look.panels.get(host).map_or("", |panel| &panel.charts.host);
    html.start("div", "card absent", &[])
        .start("p", "hint", &[])
        .text(&format!("{title} · {host}: nothing to show"))
        .end("p")
        .end("div");
}

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

/// Since when there are no samples.
fn stale(newest: i64, now: i64, zone: Zone) -> String {
    let age = format::duration((now - newest) / 1_000);
    let at = times::instant(newest, now - newest, zone);
    format!("Last sample at {at}, {age} ago.")
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
    let class = if look.is_stale(panel) {
        "card chart old"
    } else {
        "card chart"
    };
    // One of a kind is the target of links.
    let id = if place.0 == 0 {
        chart.id.clone()
    } else {
        format!("{}-{}", chart.id, place.0)
    };
    html.start(
        "section",
        class,
        &[("data-chart", &at), ("aria-label", &title), ("id", &id)],
    );
    html.start("header", "", &[])
        .start("h2", "", &[])
        .text(&title)
        .end("h2");
    html.start("span", "sp", &[]).end("span");
    let [number, unit, of] = heading(look, (panel, chart));
    html.start("b", "now", &[]).text(&number).end("b");
    html.start("small", "unit", &[]).text(&unit).end("small");
    html.start("small", "of", &[]).text(&of).end("small");
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

/// The newest value, its unit, and whose it is and of how much, or when it was so.
pub fn heading(look: &Look<'_>, (panel, chart): (&Panel, &Chart)) -> [String; 3] {
    let muted = |line: &Line| look.is_muted(chart, line);
    let Some((number, unit, mut of)) = charts::latest(chart, &muted) else {
        return [format::UNKNOWN.to_owned(), String::new(), String::new()];
    };
    if let Some(newest) = look.stale_since(panel) {
        of = format!(
            "at {}",
            times::instant(newest, look.now - newest, look.zone)
        );
    } else if let Some(most) = chart.most.filter(|_| chart.unit != "1") {
        of.push_str(" of ");
        of.push_str(&units::value(&chart.unit, most));
    }
    [number, unit, of]
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
