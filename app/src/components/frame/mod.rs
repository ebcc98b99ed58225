//! What stands around every page of a signed-in person: rail or bottom bar, header, palette, results.

mod header;
pub mod menu;
mod nav;
mod palette;

use crate::components::effect::effect;
use crate::components::{facts::Facts, facts::shared};
use leptos::prelude::*;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_location,
};
use types::{live::Topic, overview::Overview};

use crate::{
    api,
    components::{
        live::Live,
        toast::{ToastCorner, Toasts},
        viewer::{Looking, Viewer},
    },
};

/// What is wrong, read once for header, navigation and overview page.
#[derive(Clone, Copy)]
pub struct Overall(pub Facts<Overview>);

/// The frame with the page in it; leads to the sign-in page when nobody is signed in.
#[component]
pub fn Frame() -> impl IntoView {
    let viewer = Viewer::provide();
    if viewer.with_untracked(Option::is_none) {
        let location = use_location();
        let here = location.pathname.get_untracked() + &query(&location.search.get_untracked());
        let next = leptos_router::location::Url::escape(&here);
        return view! { <Redirect path=format!("/sign-in?next={next}") /> }.into_any();
    }
    let live = Live::provide();
    live.open(shared(last_change));
    Toasts::provide();
    palette::provide();
    menu::provide_theme();
    keep_viewer_true(viewer, live);
    move_focus_to_new_pages();
    let changed = live.version(&[Topic::Deployment, Topic::Health, Topic::Settings]);
    provide_context(Overall(Facts::new(
        move || changed.get(),
        |_| api::health::overview(),
    )));
    view! {
        <a class="skip" href="#main" rel="external">
            "Skip to the page"
        </a>
        <div class="app">
            <nav::Rail />
            <div class="min-w-0">
                <header::Header />
                <main id="main" tabindex="-1">
                    <Outlet />
                </main>
            </div>
        </div>
        <nav::Bar />
        <palette::Palette />
        <ToastCorner />
    }
    .into_any()
}

/// Follows changes of role, teams and name while the page is open.
fn keep_viewer_true(viewer: Looking, live: Live) {
    let changed = live.version(&[Topic::Identity]);
    effect(move || {
        if changed.get() > 0 {
            leptos::task::spawn_local(async move {
                if let Ok(me) = api::identity::me().await {
                    viewer.try_set(Some(me.into()));
                }
            });
        }
    });
}

/// Another page begins where its content begins, for those who go by keyboard or by ear.
fn move_focus_to_new_pages() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path)
            && let Some(main) = document().get_element_by_id("main")
            && let Ok(main) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(main)
        {
            let _ = main.focus();
        }
        path
    });
}

fn query(search: &str) -> String {
    if search.is_empty() {
        String::new()
    } else {
        format!("?{}", search.trim_start_matches('?'))
    }
}

/// The last change that the facts on this page hold.
#[cfg(feature = "ssr")]
fn last_change() -> Option<i64> {
    use_context::<ops::Ops>().and_then(|ops| ops.live.head())
}

#[cfg(not(feature = "ssr"))]
fn last_change() -> Option<i64> {
    None
}
