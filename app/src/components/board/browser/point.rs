//! Pointers over a plot: pointing at a time, drawing a range with a mouse, pinching one with two fingers.

use leptos::web_sys::{Element, PointerEvent};

use super::{State, parts};

/// A range is meant from this many pixels on; less is a click.
const MEANT: f64 = 6.0;

/// What is pressed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pointers {
    /// Each pointer that is down: its id, where it was pressed and where it is, as shares of the plot's width.
    down: [Option<Pointer>; 2],
}

#[derive(Clone, Copy, Debug)]
struct Pointer {
    id: i32,
    began: f64,
    is_at: f64,
}

/// Answers a pointer's event in a card.
pub fn answer(state: &mut State, card: usize, target: &Element, event: &PointerEvent) {
    let Some(card) = state.cards.get(card) else {
        return;
    };
    let reader = card.reader.clone();
    if !reader.contains(Some(target)) {
        return;
    }
    let place = reader.get_bounding_client_rect();
    let width = place.width().max(1.0);
    let share = ((f64::from(event.client_x()) - place.left()) / width).clamp(0.0, 1.0);
    let is_mouse = event.pointer_type() == "mouse";
    match event.type_().as_str() {
        "pointerdown" if event.button() == 0 => {
            let pointer = Pointer {
                id: event.pointer_id(),
                began: share,
                is_at: share,
            };
            if let Some(free) = state.point.down.iter_mut().find(|down| down.is_none()) {
                *free = Some(pointer);
            }
            let _ = reader.set_pointer_capture(pointer.id);
            state.point_at(Some(state.time(share)));
        }
        "pointermove" => {
            let held = state.point.down.iter_mut().flatten();
            for pointer in held.filter(|pointer| pointer.id == event.pointer_id()) {
                pointer.is_at = share;
            }
            state.point_at(Some(state.time(share)));
            let selected = state.point.selected(is_mouse);
            select(&reader, selected);
        }
        "pointerup" => {
            let selected = state.point.selected(is_mouse);
            state.point = Pointers::default();
            select(&reader, None);
            if let Some((from, to)) = selected.filter(|(from, to)| (to - from) * width >= MEANT) {
                state.zoom(state.time(from), state.time(to));
            }
        }
        kind @ ("pointercancel" | "pointerleave")
            if kind == "pointercancel" || state.point.down.iter().all(Option::is_none) =>
        {
            state.point = Pointers::default();
            select(&reader, None);
            state.point_at(None);
        }
        _ => (),
    }
}

impl Pointers {
    /// The range that is meant, as shares of the plot's width: what a mouse was drawn over; with two fingers what shall fill
    /// the plot when they have moved apart, or what lies around it when they have moved together.
    fn selected(&self, is_mouse: bool) -> Option<(f64, f64)> {
        match self.down {
            [Some(one), None] | [None, Some(one)] if is_mouse => {
                Some((one.began.min(one.is_at), one.began.max(one.is_at)))
            }
            [Some(one), Some(two)] => {
                let before = (one.began - two.began).abs();
                let after = (one.is_at - two.is_at).abs().max(0.02);
                let wide = (before / after).clamp(0.05, 8.0);
                let middle = f64::midpoint(one.began, two.began);
                ((wide - 1.0).abs() > 0.1)
                    .then_some((middle - middle * wide, middle + (1.0 - middle) * wide))
            }
            _ => None,
        }
    }
}

/// Shows the range that is meant.
fn select(reader: &Element, selected: Option<(f64, f64)>) {
    let Some(shade) = parts::within(reader, ".select") else {
        return;
    };
    shade.set_hidden(selected.is_none());
    if let Some((from, to)) = selected {
        let (from, to) = (from.max(0.0) * 100.0, to.min(1.0) * 100.0);
        let _ = shade.style().set_property("left", &parts::percent(from));
        let _ = shade
            .style()
            .set_property("width", &parts::percent((to - from).max(0.0)));
    }
}

impl State {
    /// The time at a share of the plot's width.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "ranges of time are far below 2^52"
    )]
    fn time(&self, share: f64) -> i64 {
        let (from, to) = self.range();
        from + ((to - from) as f64 * share) as i64
    }
}
