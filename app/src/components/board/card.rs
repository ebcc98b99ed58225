//! A chart's card: its heading, picture, legend and table.

use std::fmt::Write as _;

use types::charts::{Chart, Line};

use super::{
    numbers,
    panel::Panel,
    wanted::COMPARED,
    write::{Look, Place, STALE},
};
use crate::{
    charts::{self, times, units},
    components::{format, html::Html},
};

/// A chart with its heading, its legend and its table.
pub fn card(html: &mut Html, look: &Look<'_>, place: Place) {
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
    let [number, unit, of] = heading(look, (panel, chart), None);
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

/// The value that stands for a chart, newest or at a time, its unit, and what it is of, of how much and of how many lines; or
/// when it was so.
pub fn heading(look: &Look<'_>, (panel, chart): (&Panel, &Chart), at: Option<i64>) -> [String; 3] {
    let muted = |line: &Line| look.is_muted(chart, line);
    let unknown = |of| [format::UNKNOWN.to_owned(), String::new(), of];
    let instant = |then: i64| times::instant(then, (look.now - then).abs(), look.zone);
    if at.is_none()
        && let Some(last) = ended(panel, chart, &muted)
    {
        return unknown(format!("since {}", instant(last)));
    }
    let Some(told) = charts::headline(chart, &muted, at) else {
        return unknown(String::new());
    };
    let mut of = told.of;
    if let Some(newest) = look.stale_since(panel).filter(|_| at.is_none()) {
        of = format!("at {}", instant(newest));
    } else if let Some(most) = chart.most.filter(|_| chart.unit != "1") {
        of.push_str(" of ");
        of.push_str(&units::value(&chart.unit, most));
    }
    if let Some((shown, all)) = told.shown {
        let comma = if of.is_empty() { "" } else { ", " };
        let _ = write!(of, "{comma}{shown} of {all} shown");
    }
    [told.number, told.unit, of]
}

/// When the last point of a chart is that ends before its host's newest sample, or before the range does.
fn ended(panel: &Panel, chart: &Chart, muted: &dyn Fn(&Line) -> bool) -> Option<i64> {
    let newest = until(panel);
    let shown = chart.lines.iter().filter(|line| !muted(line));
    let ends = shown.filter_map(|line| Some((charts::last_time(&line.points)?, line.points.step)));
    let (last, step) = ends.max()?;
    // Some are read every fifth second alone.
    (newest - last > (2 * STALE).max(step * 3 / 2)).then_some(last)
}

/// Up to when there may be samples in the range.
fn until(panel: &Panel) -> i64 {
    let to = panel.charts.to;
    panel.charts.newest.unwrap_or(to).min(to)
}

fn exports(html: &mut Html, title: &str) {
    html.start("details", "menu", &[]);
    let label = format!("Export {title}");
    html.start("summary", "btn plain", &[("aria-label", &label)])
        .text("Export")
        .end("summary");
    html.start("div", "sheet", &[]);
    for (kind, text) in [
        ("csv", "CSV, drawn points"),
        ("all.csv", "CSV, up to 24,000 points"),
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
                .marker(charts::look(place))
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
            html.marker(charts::look(place))
                .text(&line.label)
                .end("button");
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
    if look.wanted.before_s > 0 {
        let name = COMPARED
            .iter()
            .find(|(seconds, _)| *seconds == look.wanted.before_s);
        let name = name.map_or("before", |(_, name)| name);
        let has_points = |line: &Line| {
            let before = line.before.as_ref();
            before.is_some_and(|before| !before.times.is_empty())
        };
        if chart.lines.iter().any(has_points) {
            html.start("li", "dashed", &[]).text(name).end("li");
        } else {
            let text = format!("{name}: no samples of that time");
            html.start("li", "text-muted", &[]).text(&text).end("li");
        }
    }
    if chart.left_out > 0 {
        let text = format!("and {} more, which had less", chart.left_out);
        html.start("li", "text-muted", &[]).text(&text).end("li");
    }
    for limit in &chart.limits {
        html.start("li", "dashed threshold", &[])
            .text(&limit.label)
            .end("li");
    }
    html.end("ul");
}

/// A line's value at a time, or its newest.
pub fn value(panel: &Panel, chart: &Chart, line: &Line, at: Option<i64>) -> String {
    let at = at.unwrap_or_else(|| until(panel)).min(panel.charts.to);
    let value = charts::value_at(&line.points, at);
    value.map_or_else(
        || format::UNKNOWN.to_owned(),
        |value| units::value(&chart.unit, value),
    )
}
