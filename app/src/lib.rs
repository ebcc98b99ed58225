//! What browser and server share: pages, components and server functions.
// Views nest deeply; their types are erased, but the compiler still walks them.
#![recursion_limit = "256"]

pub mod api;
pub mod components;
pub mod pages;
mod shell;
#[cfg(feature = "ssr")]
pub mod ssr;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use components::{clock::Clock, frame::Frame};
use pages::settings;
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
                <Route path=path!("/sign-in") view=pages::sign_in::SignInPage ssr=SsrMode::Async />
                <Route path=path!("/setup") view=pages::setup::SetupPage ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=pages::overview::OverviewPage ssr=SsrMode::Async />
                    <Route
                        path=path!("/deployment")
                        view=pages::deployment::DeploymentPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/deployment/:project/:service")
                        view=pages::service::ServicePage
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/audit") view=pages::audit::AuditLogPage ssr=SsrMode::Async />
                    <Route path=path!("/account") view=pages::account::AccountPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=settings::SettingsPage ssr=SsrMode::Async />
                    <Route
                        path=path!("/settings/users")
                        view=settings::users::UsersPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/settings/users/new")
                        view=settings::new_user::NewUserPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/settings/users/:id")
                        view=settings::user::UserPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/settings/teams")
                        view=settings::teams::TeamsPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/settings/tokens")
                        view=settings::tokens::TokensPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/settings/thresholds")
                        view=settings::thresholds::ThresholdsPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/settings/preflight")
                        view=settings::preflight::PreflightPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/settings/roles")
                        view=settings::roles::RolesPage
                        ssr=SsrMode::Async
                    />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
