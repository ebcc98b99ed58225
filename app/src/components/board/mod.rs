//! Charts as pages show them: side by side, one time for all, growing while one looks.
//!
//! They are plain HTML, written by one function on the server and in the browser (docs/decisions/0010 tells why). The
//! browser then redraws a chart at a time, and answers pointer and keyboard.

pub mod asked;
mod below;
#[cfg(not(feature = "ssr"))]
mod browser;
mod card;
#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "files are made in the browser")
)]
mod numbers;
#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "charts grow in the browser alone")
)]
mod panel;
mod told;
pub mod wanted;
mod write;

use leptos::{html, prelude::*};

use wanted::{Shown, Wanted};

/// How large a chart is drawn where nobody measured it: on a desk and on a phone.
#[cfg(feature = "ssr")]
const SIZES: [(u32, u32); 2] = [(580, 170), (330, 170)];
/// The same on a desk where three stand side by side.
#[cfg(feature = "ssr")]
const OF_THREE: (u32, u32) = (384, 170);

/// The charts.
#[component]
pub fn Board(
    /// What was read first.
    first: Shown,
    /// What the page asks for, now and from then on.
    wanted: Signal<Wanted>,
    /// How high text in charts is, in pixels.
    #[prop(default = 11)]
    text: u32,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    let html = begin(root, first, wanted, text);
    view! { <div class="board" node_ref=root inner_html=html></div> }
}

#[cfg(feature = "ssr")]
fn begin(_: NodeRef<html::Div>, first: Shown, _: Signal<Wanted>, text: u32) -> String {
    use crate::{
        charts::times,
        components::{clock::Clock, html::Html},
    };

    let panels: Vec<_> = first.panels.into_iter().map(panel::Panel::new).collect();
    let is_phone = crate::ssr::is_phone();
    let size = if panels.len() > 2 && !is_phone {
        OF_THREE
    } else {
        SIZES[usize::from(is_phone)]
    };
    let mut html = Html::default();
    let look = write::Look {
        wanted: &first.wanted,
        panels: &panels,
        error: first.error.as_ref(),
        muted: &[],
        now: Clock::here().now_untracked().unix_timestamp() * 1_000,
        zone: times::UTC,
        text,
        size,
    };
    write::board(&mut html, &look);
    html.into_string()
}

/// What the server sent stands as it is; what the browser makes is written once it is there and can be measured.
#[cfg(not(feature = "ssr"))]
fn begin(root: NodeRef<html::Div>, first: Shown, wanted: Signal<Wanted>, text: u32) -> String {
    browser::keep(root, first, wanted, text);
    String::new()
}
