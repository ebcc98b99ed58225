//! The board as HTML: the same on the server and in the browser, which then keeps it up to date piece by piece.

use types::{
    Error,
    charts::{Chart, Line, View},
};

use super::{below, card::card, panel::Panel, told::told, wanted::Wanted};
use crate::{
    charts::{self, Picture, Reach, Zone},
    components::html::Html,
};

/// A sample older than this, in milliseconds, is not of now.
pub const STALE: i64 = 5_000;
/// One this far ahead is from before the clock was set back: clocks that differ by less are taken for the same.
const AHEAD: i64 = 60_000;
/// The same of another host, whose clock may be ahead of the console's by up to this.
const AHEAD_OF_OTHERS: i64 = 330_000;

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

    /// Calls `then` with the picture of a chart. Beside others of its kind it has their axis: what is side by side is compared.
    pub fn picture<T>(
        &self,
        of: (&Panel, &Chart),
        size: (u32, u32),
        then: impl FnOnce(&Picture<'_>) -> T,
    ) -> T {
        let reach = self.reach(&of.1.id);
        self.alone(of, size, |picture| then(&Picture { reach, ..*picture }))
    }

    fn alone<T>(
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
            reach: None,
        })
    }

    /// Over what the charts of a kind reach together; none where there is one host.
    fn reach(&self, id: &str) -> Option<Reach> {
        let all = self.panels.iter().filter(|_| self.panels.len() > 1);
        let of_kind = all.filter_map(|panel| {
            let chart = panel.charts.charts.iter().find(|chart| chart.id == id)?;
            Some(self.alone((panel, chart), self.size, charts::reach))
        });
        of_kind.reduce(Reach::and)
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

    /// Since when a host's samples are missing, or until when, where the clock was set back; none where they are not, or
    /// where the range stands still.
    pub fn stale_since(&self, panel: &Panel) -> Option<i64> {
        let charts = &panel.charts;
        let ahead = if charts.host == charts.own {
            AHEAD
        } else {
            AHEAD_OF_OTHERS
        };
        let newest = charts.newest?;
        let is_of_now = (-ahead..=STALE).contains(&(self.now - newest));
        (self.wanted.is_live() && !is_of_now).then_some(newest)
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
    // An overview leaves out what tells less, too.
    let why = if look.wanted.view == View::Overview {
        "not in its overview"
    } else {
        "nothing to measure"
    };
    html.start("div", "card absent", &[])
        .start("p", "hint", &[])
        .text(&format!("{title} · {host}: {why}"))
        .end("p")
        .end("div");
}

#[cfg(test)]
mod tests;
