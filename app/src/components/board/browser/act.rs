//! What is done with a board: series muted, time pointed at, ranges drawn, files made.

use leptos::{
    wasm_bindgen::JsCast,
    web_sys::{Element, Event, KeyboardEvent, MouseEvent, PointerEvent},
};

use super::{Keeper, State, export, point};
use crate::components::frame::menu;

/// Answers an event.
pub fn answer(keeper: Keeper, event: &Event) {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let kind = event.type_();
    keeper.with(|state| {
        let Some(card) = state.card_of(&target) else {
            return;
        };
        match kind.as_str() {
            "click" | "dblclick" => state.click(keeper, card, &target, event),
            "keydown" if target.class_name() == "reader" => state.key(card, event),
            "toggle" if target.class_name() == "numbers" => state.cards[card].write_table(state),
            "blur" if target.class_name() == "reader" => state.point_at(None),
            _ => {
                if let Some(event) = event.dyn_ref::<PointerEvent>() {
                    point::answer(state, card, &target, event);
                }
            }
        }
    });
}

impl State {
    /// The card that an element is in.
    fn card_of(&self, target: &Element) -> Option<usize> {
        let section = target.closest("[data-chart]").ok().flatten()?;
        let place = section.get_attribute("data-chart")?;
        let is_it =
            |card: &super::parts::Card| format!("{}-{}", card.place.0, card.place.1) == place;
        self.cards.iter().position(is_it)
    }

    fn click(&mut self, keeper: Keeper, card: usize, target: &Element, event: &Event) {
        let Some(button) = target.closest("button").ok().flatten() else {
            return;
        };
        let number = |name: &str| button.get_attribute(name)?.parse::<usize>().ok();
        let is_isolating = event.type_() == "dblclick"
            || event
                .dyn_ref::<MouseEvent>()
                .is_some_and(MouseEvent::shift_key);
        let is_click = event.type_() == "click";
        let kind = button.get_attribute("data-export");
        match (number("data-only"), number("data-line"), kind) {
            (Some(line), ..) if is_click => self.isolate(card, line),
            (None, Some(line), _) if is_isolating => self.isolate(card, line),
            (None, Some(line), _) => self.mute(card, line),
            (None, None, Some(kind)) if is_click => {
                export::make(keeper, self, card, &kind);
                menu::close(&button);
            }
            _ => (),
        }
    }

    /// Each line's key in [`State::muted`], of the chart in a card.
    fn keys(&self, card: usize) -> Vec<(String, String)> {
        let look = self.look();
        let chart = self.cards.get(card).and_then(|card| look.chart(card.place));
        let Some((_, chart)) = chart else {
            return Vec::new();
        };
        chart
            .lines
            .iter()
            .map(|line| (chart.id.clone(), line.label.clone()))
            .collect()
    }

    fn mute(&mut self, card: usize, line: usize) {
        let Some(key) = self.keys(card).into_iter().nth(line) else {
            return;
        };
        let before = self.muted.len();
        self.muted.retain(|muted| *muted != key);
        if self.muted.len() == before {
            self.muted.push(key);
        }
        self.redraw_muted();
    }

    /// Shows one line alone; where it is alone already, all of them.
    fn isolate(&mut self, card: usize, line: usize) {
        let keys = self.keys(card);
        let is_muted = |key: &(String, String)| self.muted.contains(key);
        let is_alone = keys
            .iter()
            .enumerate()
            .all(|(nth, key)| (nth == line) != is_muted(key));
        self.muted.retain(|muted| !keys.contains(muted));
        if !is_alone {
            let others = keys.into_iter().enumerate().filter(|(nth, _)| *nth != line);
            self.muted.extend(others.map(|(_, key)| key));
        }
        self.redraw_muted();
    }

    fn redraw_muted(&self) {
        for card in &self.cards {
            card.press(self);
            card.draw(self);
        }
    }

    /// Points at a time on all charts, or lets go.
    pub fn point_at(&mut self, at: Option<i64>) {
        if self.cursor != at {
            self.cursor = at;
            for card in &self.cards {
                card.tell(self);
            }
        }
    }

    fn key(&mut self, card: usize, event: &Event) {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        // The browser's own.
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (from, to) = self.range();
        let width = self.cards[card].plot(self.text);
        // A pixel at a time, or ten.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a plot has some thousand pixels"
        )]
        let pixel = ((to - from) / ((width.right - width.left) as i64).max(1)).max(1_000);
        let step = if event.shift_key() { pixel * 10 } else { pixel };
        let at = self.cursor.unwrap_or(to);
        let span = to - from;
        let next = match event.key().as_str() {
            "ArrowLeft" => Some(at - step),
            "ArrowRight" => Some(at + step),
            "PageUp" => Some(at - span / 10),
            "PageDown" => Some(at + span / 10),
            "Home" => Some(from),
            "End" => Some(to),
            "Escape" => None,
            "+" | "=" => return self.zoom(at - span / 4, at + span / 4),
            "-" => return self.zoom(at - span, at + span),
            _ => return,
        };
        event.prevent_default();
        self.point_at(next.map(|next| next.clamp(from, to)));
    }
}
