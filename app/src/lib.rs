//! What browser and server share: pages, components and server functions.
// Views nest deeply; their types are erased, but the compiler still walks them.
#![recursion_limit = "256"]

pub mod api;
mod area;
pub mod charts;
pub mod components;
pub mod pages;
mod routes;
mod shell;
#[cfg(feature = "ssr")]
pub mod ssr;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Router, Routes},
    path,
};

pub use area::Area;
use components::{clock::Clock, frame::Frame};
pub use shell::{Site, shell};

/// The whole console: routes and what stands around every page.
///
/// Pages are sent whole (`SsrMode::Async`), so that they read the same without wasm.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Clock::provide();
    #[cfg(not(feature = "ssr"))]
    Effect::new(|_| components::address::forget_refusal());
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "ytops".to_owned() } else { format!("{title} · ytops") }
        } />
        <Router>
            <Routes fallback=pages::not_found::NotFound>
                <routes::Doors />
                <routes::Screens />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <routes::Operations />
                    <routes::Resources />
                    <routes::Services />
                    <routes::Backups />
                    <routes::Administration />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
