//! What stands around every page of a signed-in person: rail or bottom bar, header, palette, results.

mod header;
pub mod menu;
mod nav;
mod palette;

use leptos::{prelude::*, server::ServerActionError};
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_location,
};
use types::{live::Topic, overview::Overview};

use crate::{
    api,
    components::{
        address,
        effect::effect,
        facts::{Facts, shared},
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
        return nobody();
    }
    around(viewer, || view! { <Outlet /> }.into_any())
}

/// A page that fills the screen by itself, for whoever is signed in; it follows facts as pages in the frame do.
pub fn alone(page: fn() -> AnyView) -> AnyView {
    let viewer = Viewer::provide();
    if viewer.with_untracked(Option::is_none) {
        return nobody();
    }
    follow();
    page()
}

/// Opens the event stream, and reads what is wrong whenever it may have changed.
fn follow() -> Live {
    let live = Live::provide();
    live.open(shared(last_change));
    let changed = live.version(&[
        Topic::Deployment,
        Topic::Health,
        Topic::Settings,
        Topic::Backups,
    ]);
    provide_context(Overall(Facts::new(
        move || changed.get(),
        |_| api::health::overview(),
    )));
    live
}

/// The frame around what `page` makes, for whoever looks.
pub fn around(viewer: Looking, page: fn() -> AnyView) -> AnyView {
    let done = shared(done);
    forget_refusal();
    let live = follow();
    Toasts::provide();
    palette::provide();
    menu::provide_theme();
    menu::close_by_themselves();
    keep_viewer_true(viewer, live);
    move_focus_to_new_pages();
    view! {
        <a class="skip" href="#main" rel="external">
            "Skip to the page"
        </a>
        <div class="app">
            <nav::Rail />
            <div class="min-w-0">
                <header::Header />
                <main id="main" tabindex="-1">
                    {done
                        .map(|done| {
                            view! {
                                <p class="note ok mb-3" role="status">
                                    {done}
                                </p>
                            }
                        })}
                    {page()}
                </main>
            </div>
        </div>
        <nav::Bar />
        <palette::Palette />
        <ToastCorner />
    }
    .into_any()
}

/// Leads to the sign-in page, which leads back here.
fn nobody() -> AnyView {
    #[cfg(not(feature = "ssr"))]
    if !address::is_served() {
        // A page that the browser itself moved to from one outside the frame: the server alone knows who asks.
        address::load();
        return ().into_any();
    }
    let location = use_location();
    let search = address::query(&location.search.get_untracked());
    let here = location.pathname.get_untracked() + &search;
    let next = leptos_router::location::Url::escape(&here);
    view! { <Redirect path=format!("/sign-in?next={next}") /> }.into_any()
}

/// A refusal that stands in the address is shown by the page that was loaded with it, and by none after it.
fn forget_refusal() {
    let owner = Owner::current();
    effect(move || {
        if let Some(owner) = &owner {
            owner.with(|| provide_context(ServerActionError::new("", "")));
        }
    });
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

/// What the form did that led here without a script.
#[cfg(feature = "ssr")]
fn done() -> Option<String> {
    crate::ssr::done::take()
}

#[cfg(not(feature = "ssr"))]
fn done() -> Option<String> {
    None
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
