//! What a board shows, and how it is kept on the page.

use leptos::{prelude::*, web_sys::HtmlElement};
use types::charts::{Charts, Pulse, Range};

use super::{
    super::{
        below,
        panel::{Panel, Taken},
        told,
        wanted::{Shown, Wanted},
        write::{self, Look},
    },
    parts::{self, Card},
    point,
};
use crate::{charts::times::Zone, components::html::Html};

/// Ranges up to this long, in milliseconds, are drawn with each sample.
const DRAWN_EACH: i64 = 3_600_000;

/// What is shown.
pub struct State {
    pub root: HtmlElement,
    pub cards: Vec<Card>,
    pub wanted: Wanted,
    pub panels: Vec<Panel>,
    pub error: Option<types::Error>,
    pub muted: Vec<(String, String)>,
    /// The time that is pointed at.
    pub cursor: Option<i64>,
    pub point: point::Pointers,
    pub text: u32,
    pub size: (u32, u32),
    pub now: i64,
    pub zone: Zone,
    /// When it was read and drawn last, in milliseconds of the browser's clock.
    pub read_ms: f64,
    pub drawn_ms: f64,
    /// Counts readings: what an older one brings is not shown any more.
    pub reading: u32,
    /// Whether a reading is under way or about to be, or would find nothing.
    pub is_due: bool,
    pub go: Box<dyn Fn(&str)>,
}

impl State {
    /// What is asked for is not there.
    pub const fn is_gone(&self) -> bool {
        matches!(self.error, Some(types::Error::NotFound { .. }))
    }

    pub fn look(&self) -> Look<'_> {
        Look {
            wanted: &self.wanted,
            panels: &self.panels,
            error: self.error.as_ref(),
            muted: &self.muted,
            now: self.now,
            zone: self.zone,
            text: self.text,
            size: self.size,
        }
    }

    /// Takes over what was read.
    pub fn show(&mut self, shown: Result<Shown, types::Error>) {
        let shown = match shown {
            Ok(shown) => shown,
            Err(error) => Shown {
                error: Some(error),
                ..Shown::default()
            },
        };
        self.error = shown.error;
        if self.error.is_some() {
            // What was known stays, and the reason why it is not newer stands above it.
            return self.tell();
        }
        let is_same = shape(self.panels.iter().map(|panel| &panel.charts)) == shape(&shown.panels);
        if is_same {
            for (panel, charts) in self.panels.iter_mut().zip(shown.panels) {
                panel.renew(charts, self.wanted.range);
            }
            self.tell();
            self.write_after();
            self.draw_all();
        } else {
            // The stream goes on: what it told of a host stays known.
            let range = self.wanted.range;
            let mut heard = std::mem::take(&mut self.panels);
            let panels = shown.panels.into_iter().map(|charts| {
                let place = (heard.iter()).position(|panel| panel.charts.host == charts.host);
                let Some(place) = place else {
                    return Panel::new(charts);
                };
                let mut panel = heard.swap_remove(place);
                panel.renew(charts, range);
                panel
            });
            self.panels = panels.collect();
            self.write();
        }
    }

    /// Writes everything anew, and draws it as wide as it came to be.
    pub fn write(&mut self) {
        let mut html = Html::default();
        if let Some(size) = self.cards.first().map(Card::size).filter(|size| size.0 > 0) {
            self.size = size;
        }
        write::board(&mut html, &self.look());
        self.root.set_inner_html(html.as_str());
        self.cards = parts::find(&self.root, &self.look().places());
        self.draw_all();
    }

    pub fn write_after(&self) {
        let mut html = Html::default();
        below::after(&mut html, &self.look());
        parts::set(&self.root, ".after", html);
    }

    /// Says since when samples are missing, where they are.
    pub fn tell(&self) {
        let mut html = Html::default();
        let look = self.look();
        told::told(&mut html, &look);
        parts::set(&self.root, ".told", html);
        // Nothing draws those of a host that is silent.
        let is_stale = |card: &&Card| {
            let panel = self.panels.get(card.place.0);
            panel.is_some_and(|panel| look.is_stale(panel))
        };
        self.cards
            .iter()
            .filter(is_stale)
            .for_each(|card| card.tell(self));
    }

    pub fn draw_all(&mut self) {
        self.drawn_ms = js_sys::Date::now();
        for card in &self.cards {
            card.draw(self);
        }
    }

    pub fn hear(&mut self, pulse: &Pulse) -> Taken {
        let mut panels = self.panels.iter_mut().enumerate();
        let Some((place, panel)) = panels.find(|(_, panel)| panel.charts.host == pulse.host) else {
            return Taken::Grown;
        };
        let taken = panel.take(pulse, self.wanted.range);
        let span = panel.charts.to - panel.charts.from;
        // The clocks of hosts differ; the first is the console's own where there are several.
        if place == 0 {
            self.now = self.now.max(pulse.at);
        }
        // All are drawn with the first that is heard, for they have one axis.
        let look = self.look();
        let is_heard = |panel: &Panel| panel.charts.newest.is_some() && !look.is_stale(panel);
        let first = self.panels.iter().position(is_heard);
        if let Range::Last(seconds) = self.wanted.range
            && first.is_none_or(|first| first == place)
        {
            for panel in &mut self.panels {
                panel.pass(seconds, self.now);
            }
            self.tell();
            self.grow(span);
        }
        taken
    }

    /// Up to when samples of all hosts are there, in milliseconds since 1970; 0 where there are none. One that is silent
    /// does not count: what it tells when it comes back is read.
    pub fn held(&self) -> i64 {
        const SILENT: u64 = 10_000;
        let newest = self.panels.iter().filter_map(|panel| panel.charts.newest);
        let held = newest.reduce(|one, other| {
            if one.abs_diff(other) < SILENT {
                one.min(other)
            } else {
                one.max(other)
            }
        });
        held.unwrap_or_default()
    }

    /// Draws what is looked at: with each sample, or where a sample is less than a pixel, once they make one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "ranges of time are far below 2^52"
    )]
    pub fn grow(&mut self, span: i64) {
        let now = js_sys::Date::now();
        let pixels = f64::from(self.cards.first().map_or(1, |card| card.size().0).max(1));
        let is_due = span <= DRAWN_EACH || now - self.drawn_ms >= span as f64 / pixels;
        if is_due {
            self.drawn_ms = now;
        }
        let height = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64())
            .unwrap_or(2_000.0);
        for card in self.cards.iter().filter(|card| card.is_in_view(height)) {
            if is_due {
                card.draw(self);
            } else {
                card.tell(self);
            }
        }
    }

    /// The range that is shown.
    pub fn range(&self) -> (i64, i64) {
        self.panels
            .first()
            .map_or((0, 1), |panel| (panel.charts.from, panel.charts.to))
    }

    /// Goes to a range, one step forward in history.
    pub fn zoom(&self, from: i64, to: i64) {
        /// The shortest range, in milliseconds: a few samples.
        const SHORTEST: i64 = 10_000;
        let middle = i64::midpoint(from, to);
        let (from, to) = if to - from < SHORTEST {
            (middle - SHORTEST / 2, middle + SHORTEST / 2)
        } else {
            (from, to)
        };
        (self.go)(&self.wanted.over(Range::Between(from.max(0), to)).query());
    }
}

/// What is in the board, apart from its samples: where it stays the same, nothing needs to be written but those.
fn shape<'a>(panels: impl IntoIterator<Item = &'a Charts>) -> Vec<&'a str> {
    let mut shape = Vec::new();
    for charts in panels {
        shape.push(charts.host.as_str());
        for chart in &charts.charts {
            shape.extend([chart.id.as_str(), chart.title.as_str(), chart.unit.as_str()]);
            for line in &chart.lines {
                shape.extend([
                    line.label.as_str(),
                    if line.before.is_some() { "before" } else { "" },
                ]);
            }
            shape.extend(chart.limits.iter().map(|limit| limit.label.as_str()));
        }
    }
    shape
}
