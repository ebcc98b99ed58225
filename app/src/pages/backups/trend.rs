//! How much would have been lost and how long a restore would have taken, over the last ninety days, against what is allowed.
//! Two small pictures, and the tables behind them.

use leptos::prelude::*;
use types::backups::{Trend as Facts, TrendDay, TrendDrill};

use super::words;
use crate::components::{
    clock::Clock,
    format,
    html::Html,
    written::{Written, written},
};

/// The picture's size in its own units; the style sheet stretches it.
const WIDTH: i64 = 900;
const HEIGHT: i64 = 100;

/// Both pictures.
#[component]
pub fn Trend(
    /// What is drawn.
    trend: Facts,
) -> impl IntoView {
    let clock = Clock::here();
    let pictures = written(Box::new(move || {
        let mut pictures = Written::new("div", "trend body grid gap-3 desk:grid-cols-2", &[]);
        pictures.add(&|html| ages(html, &trend, clock));
        pictures.add(&|html| drills(html, &trend, clock));
        pictures
    }));
    view! {
        <section class="card mb-3" id="trend">
            <header>
                <h2>"The last 90 days"</h2>
            </header>
            {pictures}
        </section>
    }
}

/// What a chart is drawn against: its greatest value, which is never 0.
struct Scale(i64);

impl Scale {
    fn of(values: impl Iterator<Item = i64>, limit: i64) -> Self {
        Self(values.chain([limit, 1]).max().unwrap_or(1))
    }

    /// How far from above, with a little air there.
    fn y(&self, value: i64) -> i64 {
        HEIGHT - value.clamp(0, self.0) * (HEIGHT - 4) / self.0
    }
}

fn start(html: &mut Html, label: &str) {
    let size = format!("0 0 {WIDTH} {HEIGHT}");
    html.start(
        "svg",
        "",
        &[
            ("viewBox", &size),
            ("preserveAspectRatio", "none"),
            ("role", "img"),
            ("aria-label", label),
        ],
    );
}

/// A line of straight pieces; a gap where there is no value.
fn line(html: &mut Html, class: &'static str, points: &[(i64, Option<i64>)]) {
    let mut path = String::new();
    let mut is_open = false;
    for (x, y) in points {
        let Some(y) = y else {
            is_open = false;
            continue;
        };
        path.push_str(if is_open { "L" } else { "M" });
        path.push_str(&x.to_string());
        path.push(' ');
        path.push_str(&y.to_string());
        is_open = true;
    }
    html.start("path", class, &[("d", &path)]).end("path");
}

fn limit(html: &mut Html, y: i64) {
    line(html, "limit", &[(0, Some(y)), (WIDTH, Some(y))]);
}

fn ages(html: &mut Html, trend: &Facts, clock: Clock) {
    let days = &trend.days;
    let all = days.iter().flat_map(|day| [day.taken_s, day.proven_s]);
    let scale = Scale::of(all.flatten(), trend.rpo_s);
    let rpo = format::duration(trend.rpo_s);
    html.start("div", "", &[]).start("h3", "", &[]);
    html.text("What would have been lost").end("h3");
    html.start("p", "hint", &[]);
    html.text(&format!(
        "The age of the newest proven backup (blue) and of the newest that succeeded (grey), at the worst moment of each day; \
         dashed: {rpo} may be lost (RPO)."
    ));
    html.end("p");
    if days.is_empty() {
        html.start("p", "", &[]).text("No backup yet.").end("p");
    } else {
        start(
            html,
            "Ages of the newest backups day by day against the RPO; the table has the figures",
        );
        let last = i64::try_from(days.len()).unwrap_or(1).max(2) - 1;
        let points = |of: &dyn Fn(&TrendDay) -> Option<i64>| -> Vec<(i64, Option<i64>)> {
            let at = (0_i64..).zip(days);
            at.map(|(place, day)| (place * WIDTH / last, of(day).map(|age| scale.y(age))))
                .collect()
        };
        limit(html, scale.y(trend.rpo_s));
        line(html, "taken", &points(&|day| day.taken_s));
        line(html, "proven", &points(&|day| day.proven_s));
        html.end("svg");
        let age = |age: Option<i64>| age.map_or_else(|| "none".to_owned(), format::duration);
        let rows: Vec<_> = days
            .iter()
            .rev()
            .map(|day| [clock.day(day.at), age(day.taken_s), age(day.proven_s)])
            .collect();
        table(html, ["Day until", "Newest", "Newest proven"], &rows);
    }
    html.end("div");
}

fn drills(html: &mut Html, trend: &Facts, clock: Clock) {
    let drills = &trend.drills;
    let seconds = |drill: &TrendDrill| format::whole(drill.took_s);
    let scale = Scale::of(drills.iter().map(seconds), trend.rto_s);
    let rto = format::duration(trend.rto_s);
    html.start("div", "", &[]).start("h3", "", &[]);
    html.text("How long a restore would have taken").end("h3");
    html.start("p", "hint", &[]);
    html.text(&format!(
        "Each drill; red: it failed; dashed: {rto} are allowed (RTO)."
    ));
    html.end("p");
    if drills.is_empty() {
        html.start("p", "", &[]).text("No drill yet.").end("p");
    } else {
        start(
            html,
            "Durations of the drills against the RTO; the table has the figures",
        );
        limit(html, scale.y(trend.rto_s));
        let count = i64::try_from(drills.len()).unwrap_or(1).max(1);
        let step = (WIDTH / count).clamp(2, 60);
        for (place, drill) in (0_i64..).zip(drills) {
            let top = scale.y(seconds(drill)).min(HEIGHT - 2);
            let class = if drill.succeeded { "bar" } else { "bar bad" };
            let (x, y) = ((place * step).to_string(), top.to_string());
            let (width, height) = (
                (step * 3 / 4).max(1).to_string(),
                (HEIGHT - top).to_string(),
            );
            html.start(
                "rect",
                class,
                &[("x", &x), ("y", &y), ("width", &width), ("height", &height)],
            )
            .end("rect");
        }
        html.end("svg");
        let rows: Vec<_> = drills
            .iter()
            .rev()
            .map(|drill| {
                let how = if drill.succeeded { "whole" } else { "failed" };
                [
                    clock.exact(drill.at),
                    words::took(drill.took_s),
                    how.to_owned(),
                ]
            })
            .collect();
        table(html, ["Drill", "Took", "Found"], &rows);
    }
    html.end("div");
}

fn table(html: &mut Html, head: [&str; 3], rows: &[[String; 3]]) {
    html.start("details", "", &[]).start("summary", "hint", &[]);
    html.text("As a table").end("summary");
    html.start("table", "", &[])
        .start("thead", "", &[])
        .start("tr", "", &[]);
    for name in head {
        html.start("th", "", &[]).text(name).end("th");
    }
    html.end("tr").end("thead").start("tbody", "", &[]);
    for row in rows {
        html.start("tr", "", &[]);
        for cell in row {
            html.start("td", "", &[]).text(cell).end("td");
        }
        html.end("tr");
    }
    html.end("tbody").end("table").end("details");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_above_the_picture() {
        let scale = Scale::of([600, 1_200].into_iter(), 900);
        assert_eq!((scale.y(0), scale.y(1_200), scale.y(9_999)), (100, 4, 4));
        assert_eq!(Scale::of(std::iter::empty(), 0).y(0), HEIGHT);
    }
}
