//! The overview: is all well, and if not, what is wrong and since when.

use leptos::prelude::*;
use leptos_meta::Title;

/// The overview.
#[component]
pub fn Overview() -> impl IntoView {
    let clicks = RwSignal::new(0);
    view! {
        <Title text="Overview" />
        <main><h1>"Overview"</h1><button class="btn" on:click=move |_| clicks.update(|n| *n += 1)>{clicks}</button></main>
    }
}
