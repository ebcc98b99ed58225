//! The page for an address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, with status 404. In a browser that moved here by itself, the page may be another area's: the server knows.
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
    view! {
        <Title text="Not found" />
        <main class="solo">
            <h1>"There is no such page"</h1>
            <p class="text-center text-muted">"The address may be mistyped, or what it named is gone."</p>
            // Loaded anew: the server knows who asks, this page does not.
            <a class="btn" href="/" rel="external">
                "Go to the overview"
            </a>
        </main>
    }
    .into_any()
}
