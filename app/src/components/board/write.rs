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

    /// Since when a host's samples are missing; none where they are not, or where the range stands still.
    pub fn stale_since(&self, panel: &Panel) -> Option<i64> {
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
mod tests {
    use types::charts::{Charts, Range};

    use super::*;

    const NOW: i64 = 1_764_000_000_000;

    fn chart(id: &str) -> Chart {
        Chart {
            id: id.to_owned(),
            title: id.to_uppercase(),
            unit: "1".to_owned(),
            is_stacked: false,
            most: None,
            limits: Vec::new(),
            left_out: 0,
            lines: Vec::new(),
        }
    }

    fn panel(host: &str, age: i64, ids: &[&str]) -> Panel {
        Panel::new(Charts {
            host: host.to_owned(),
            hosts: Vec::new(),
            own: "a".to_owned(),
            from: NOW - 300_000,
            to: NOW,
            newest: Some(NOW - age),
            charts: ids.iter().map(|id| chart(id)).collect(),
            marks: Vec::new(),
            unreadable: Vec::new(),
        })
    }

    fn look<T>(panels: &[Panel], range: Range, then: impl FnOnce(&Look<'_>) -> T) -> T {
        let wanted = Wanted::default().over(range);
        then(&Look {
            wanted: &wanted,
            panels,
            error: None,
            muted: &[],
            now: NOW,
            zone: charts::times::UTC,
            text: 11,
            size: (300, 170),
        })
    }

    fn written(panels: &[Panel]) -> String {
        let mut html = Html::default();
        look(panels, Range::Last(300), |look| board(&mut html, look));
        html.into_string()
    }

    #[test]
    fn charts_of_several_hosts_stand_in_rows_of_a_kind() {
        let panels = [
            panel("a", 0, &["cpu", "gpu"]),
            panel("b", 0, &["load", "cpu"]),
        ];
        let html = written(&panels);
        let order: Vec<usize> = [
            "class=\"charts several by-two\"",
            "CPU · a",
            "CPU · b",
            "GPU · a",
            "GPU · b: not in its overview",
            "LOAD · a: not in its overview",
            "LOAD · b",
        ]
        .iter()
        .map(|part| {
            html.find(part)
                .unwrap_or_else(|| unreachable!("{part}: {html}"))
        })
        .collect();
        assert!(order.is_sorted(), "{order:?}");
        assert_eq!(html.matches("class=\"same\"").count(), 3);
        assert_eq!(html.matches("id=\"cpu\"").count(), 1, "each id stands once");
        let alone = written(&panels[..1]);
        assert!(alone.contains("class=\"charts\"") && !alone.contains("same"));
        assert!(!alone.contains("CPU · a"), "one host needs no name");
    }

    #[test]
    fn of_a_host_that_is_silent_it_is_told_since_when_and_no_value_as_of_now() {
        let hosts = [panel("a", 10_000, &["cpu"]), panel("b", 20_000, &["cpu"])];
        // Between two readings nobody is silent.
        let html = written(&hosts);
        assert!(html.contains("b: Last sample at "));
        assert!(!html.contains("a: Last sample at "));
        assert_eq!(html.matches("class=\"card chart old\"").count(), 1);
        let alone = written(&hosts[..1]);
        assert!(
            alone.contains(">Last sample at "),
            "each second it is told of"
        );
        let still = Range::Between(NOW - 300_000, NOW);
        assert!(!look(&hosts, still, |look| look.is_stale(&hosts[1])));
    }
}
