//! The parts of a chart's card that change, found once.

use std::fmt::Write;

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

use super::{
    super::{card, write::Place},
    State,
};
use crate::{
    charts::{Plot, times, units},
    components::html::Html,
};

/// A share of a hundred as a length.
pub fn percent(share: f64) -> String {
    format!("{}%", units::decimal(share, 2))
}

/// A chart's card.
pub struct Card {
    /// Which chart it shows.
    pub place: Place,
    /// What is pointed at.
    pub reader: HtmlElement,
    section: Element,
    picture: Element,
    cross: HtmlElement,
    at: HtmlElement,
    now: Element,
    unit: Element,
    of: Element,
    values: Vec<Element>,
}

/// The first element within `of` that the selector names.
pub fn within(of: &Element, selector: &str) -> Option<HtmlElement> {
    of.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Sets what stands in a part, where that is another.
pub fn set(root: &Element, selector: &str, html: Html) {
    if let Some(part) = within(root, selector)
        && part.inner_html() != html.as_str()
    {
        part.set_inner_html(html.as_str());
    }
}

/// The cards of all places.
pub fn find(root: &Element, places: &[Place]) -> Vec<Card> {
    places
        .iter()
        .filter_map(|place| card(root, *place))
        .collect()
}

fn card(root: &Element, place: Place) -> Option<Card> {
    let section = within(root, &format!("[data-chart=\"{}-{}\"]", place.0, place.1))?;
    let found = section.query_selector_all(".legend .val").ok()?;
    let values = (0..found.length())
        .filter_map(|nth| found.item(nth)?.dyn_into().ok())
        .collect();
    Some(Card {
        place,
        reader: within(&section, ".reader")?,
        picture: within(&section, ".picture")?.into(),
        cross: within(&section, ".cross")?,
        at: within(&section, ".at")?,
        now: within(&section, ".now")?.into(),
        unit: within(&section, ".unit")?.into(),
        of: within(&section, ".of")?.into(),
        values,
        section: section.into(),
    })
}

fn text(of: &Element, text: &str) {
    if of.text_content().as_deref() != Some(text) {
        of.set_text_content(Some(text));
    }
}

impl Card {
    /// Width and height of its picture, in pixels.
    pub fn size(&self) -> (u32, u32) {
        let pixels = |pixels: i32| u32::try_from(pixels).unwrap_or_default();
        (
            pixels(self.picture.client_width()),
            pixels(self.picture.client_height()),
        )
    }

    /// Whether it, or what is just beyond the edge, is within a window of that height.
    pub fn is_in_view(&self, height: f64) -> bool {
        let place = self.section.get_bounding_client_rect();
        place.bottom() > -200.0 && place.top() < height + 200.0
    }

    /// Draws the picture, and tells its values.
    pub fn draw(&self, state: &State) {
        let look = state.look();
        let Some(of) = look.chart(self.place) else {
            return;
        };
        let size = self.size();
        if size.0 > 0 && size.1 > 0 {
            let mut html = Html::default();
            look.picture(of, size, |picture| html.chart(picture));
            self.picture.set_inner_html(html.as_str());
        }
        self.tell(state);
    }

    /// Tells values: those of now, and in the legend those of the time that is pointed at.
    pub fn tell(&self, state: &State) {
        let look = state.look();
        let Some((panel, chart)) = look.chart(self.place) else {
            return;
        };
        let at = state.pointed();
        let [number, unit, of] = card::heading(&look, (panel, chart), at);
        let class = if look.is_stale(panel) {
            "card chart old"
        } else {
            "card chart"
        };
        if self.section.class_name() != class {
            self.section.set_class_name(class);
        }
        text(&self.now, &number);
        text(&self.unit, &unit);
        text(&self.of, &of);
        for (line, value) in chart.lines.iter().zip(&self.values) {
            text(value, &card::value(panel, chart, line, at));
        }
        self.point(state);
    }

    /// Draws the line at the time that is pointed at, on all charts at once.
    fn point(&self, state: &State) {
        let (from, to) = state.range();
        let Some(at) = state.pointed() else {
            self.cross.set_hidden(true);
            self.at.set_hidden(true);
            let _ = self.reader.set_attribute("aria-valuetext", "now");
            return;
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "ranges of time are far below 2^52"
        )]
        let share = (at - from) as f64 / (to - from).max(1) as f64 * 100.0;
        let _ = self.cross.style().set_property("left", &percent(share));
        let side = if share > 50.0 { "right" } else { "left" };
        let other = if share > 50.0 { "left" } else { "right" };
        let away = if share > 50.0 { 100.0 - share } else { share };
        let _ = self.at.style().set_property(side, &percent(away));
        let _ = self.at.style().set_property(other, "auto");
        self.cross.set_hidden(false);
        self.at.set_hidden(false);
        text(&self.at, &state.instant(at));
        let _ = self
            .reader
            .set_attribute("aria-valuenow", &units::decimal(share, 0));
        let is_focused = document().active_element().as_ref() == Some(&self.reader);
        if is_focused {
            let _ = self
                .reader
                .set_attribute("aria-valuetext", &self.words(state, at));
        }
    }

    /// The values at a time in words, for those who listen.
    fn words(&self, state: &State, at: i64) -> String {
        let look = state.look();
        let mut words = state.instant(at);
        let Some((panel, chart)) = look.chart(self.place) else {
            return words;
        };
        let shown = chart
            .lines
            .iter()
            .filter(|line| !look.is_muted(chart, line));
        for line in shown.take(8) {
            let _ = write!(
                words,
                ", {} {}",
                line.label,
                card::value(panel, chart, line, Some(at))
            );
        }
        words
    }

    /// Writes the table anew.
    pub fn write_table(&self, state: &State) {
        let look = state.look();
        let Some((panel, chart)) = look.chart(self.place) else {
            return;
        };
        let mut html = Html::default();
        let range = (panel.charts.from, panel.charts.to);
        super::super::numbers::table(&mut html, chart, range, look.zone);
        set(&self.section, ".numbers > .scroll", html);
    }

    /// Shows which lines are muted.
    pub fn press(&self, state: &State) {
        let look = state.look();
        let Some((_, chart)) = look.chart(self.place) else {
            return;
        };
        for (nth, line) in chart.lines.iter().enumerate() {
            if let Some(button) = within(&self.section, &format!("[data-line=\"{nth}\"]")) {
                let pressed = if look.is_muted(chart, line) {
                    "false"
                } else {
                    "true"
                };
                let _ = button.set_attribute("aria-pressed", pressed);
            }
        }
    }

    /// The edges of its plot within its picture.
    pub fn plot(&self, text: u32) -> Plot {
        let size = self.size();
        Plot::of(size.0, size.1, text)
    }
}

impl State {
    /// The time that is pointed at, where it is in the range.
    fn pointed(&self) -> Option<i64> {
        let (from, to) = self.range();
        self.cursor.filter(|at| (from..=to).contains(at))
    }

    /// A time as it stands at the line, with what happened then.
    fn instant(&self, at: i64) -> String {
        let (from, to) = self.range();
        let mut text = times::instant(at, to - from, self.look().zone);
        // A hundredth of the range is about as near as one can point.
        let near =
            |mark: &&types::charts::Mark| mark.at.abs_diff(at) <= (to - from).unsigned_abs() / 100;
        let marks = self.panels.iter().flat_map(|panel| &panel.charts.marks);
        if let Some(mark) = marks.filter(near).min_by_key(|mark| mark.at.abs_diff(at)) {
            text.push_str(" · ");
            text.push_str(&mark.text);
        }
        text
    }
}
