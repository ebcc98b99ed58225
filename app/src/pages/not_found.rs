//! The page for an address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::{frame, viewer::Viewer};

/// Says so, with status 404, inside the frame for those who are signed in. In a browser that moved here by itself, the
/// page may be another area's: the server knows.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(not(feature = "ssr"))]
    if !crate::components::address::is_served() {
        crate::components::address::load();
        return ().into_any();
    }
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    let viewer = Viewer::provide();
    if viewer.with_untracked(Option::is_some) {
        return frame::around(viewer, || {
            view! { <div class="solo inside">{words()}</div> }.into_any()
        });
    }
    view! { <main class="solo">{words()}</main> }.into_any()
}

fn words() -> AnyView {
    view! {
        <Title text="Not found" />
        <h1>"There is no such page"</h1>
        <p class="text-center text-muted">"The address may be mistyped, or what it named is gone."</p>
        // Loaded anew: no area has this page, so the browser may hold the code of another than the overview's.
        <a class="btn" href="/" rel="external">
            "Go to the overview"
        </a>
    }
    .into_any()
}
