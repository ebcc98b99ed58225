//! The pages of each area. The server has them all; a browser's build has those of the areas that it is compiled for, and
//! asks the server for the others.

use leptos::prelude::*;
use leptos_router::{SsrMode, any_nested_route::IntoAnyNestedRoute, components::Route, path};

use crate::pages;

/// Pages outside the frame, for those who are not signed in.
#[cfg(any(feature = "ssr", feature = "administration"))]
#[component(transparent)]
pub fn Doors() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/sign-in") view=pages::sign_in::SignInPage ssr=SsrMode::Async />
        <Route path=path!("/setup") view=pages::setup::SetupPage ssr=SsrMode::Async />
    }
    .into_inner()
    .into_any_nested_route()
}

/// What is looked at every day.
#[cfg(any(feature = "ssr", feature = "operations"))]
#[component(transparent)]
pub fn Operations() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("") view=pages::overview::OverviewPage ssr=SsrMode::Async />
        <Route path=path!("/deployment") view=pages::deployment::DeploymentPage ssr=SsrMode::Async />
    }
    .into_inner()
    .into_any_nested_route()
}

/// The charts of a host.
#[cfg(any(feature = "ssr", feature = "resources"))]
#[component(transparent)]
pub fn Resources() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/resources") view=pages::resources::ResourcesPage ssr=SsrMode::Async /> }
        .into_inner()
        .into_any_nested_route()
}

/// A service.
#[cfg(any(feature = "ssr", feature = "services"))]
#[component(transparent)]
pub fn Services() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route
            path=path!("/deployment/:project/:service")
            view=pages::service::ServicePage
            ssr=SsrMode::Async
        />
    }
    .into_inner()
    .into_any_nested_route()
}

/// Backups.
#[cfg(any(feature = "ssr", feature = "backups"))]
#[component(transparent)]
pub fn Backups() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/backups") view=pages::backups::BackupsPage ssr=SsrMode::Async />
        <Route path=path!("/backups/new") view=pages::backups::edit::NewSetPage ssr=SsrMode::Async />
        <Route path=path!("/backups/recovery") view=pages::backups::recovery::RecoveryPage ssr=SsrMode::Async />
        <Route path=path!("/backups/targets") view=pages::backups::targets::TargetsPage ssr=SsrMode::Async />
        <Route
            path=path!("/backups/operations/:id")
            view=pages::backups::operation::OperationPage
            ssr=SsrMode::Async
        />
        <Route path=path!("/backups/runbooks") view=pages::backups::runbooks::RunbooksPage ssr=SsrMode::Async />
        <Route
            path=path!("/backups/runbooks/start/:plan")
            view=pages::backups::runbooks::start::StartPage
            ssr=SsrMode::Async
        />
        <Route
            path=path!("/backups/runbooks/runs/:id")
            view=pages::backups::runbooks::run::RunPage
            ssr=SsrMode::Async
        />
        <Route path=path!("/backups/restore/:id") view=pages::backups::restore::RestorePage ssr=SsrMode::Async />
        <Route path=path!("/backups/download/:id") view=pages::backups::download::DownloadPage ssr=SsrMode::Async />
        <Route
            path=path!("/backups/:id/backups/:backup/files")
            view=pages::backups::files::FilesPage
            ssr=SsrMode::Async
        />
        <Route path=path!("/backups/:id") view=pages::backups::set::SetPage ssr=SsrMode::Async />
        <Route path=path!("/backups/:id/edit") view=pages::backups::edit::EditSetPage ssr=SsrMode::Async />
    }
    .into_inner()
    .into_any_nested_route()
}

/// What fills a screen by itself, without the frame.
#[cfg(any(feature = "ssr", feature = "resources"))]
#[component(transparent)]
pub fn Screens() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/wall") view=pages::wall::WallPage ssr=SsrMode::Async /> }
        .into_inner()
        .into_any_nested_route()
}

/// What is done now and then.
#[cfg(any(feature = "ssr", feature = "administration"))]
#[component(transparent)]
pub fn Administration() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/account") view=pages::account::AccountPage ssr=SsrMode::Async />
        <Route path=path!("/audit") view=pages::audit::AuditLogPage ssr=SsrMode::Async />
        <Route path=path!("/settings") view=pages::settings::SettingsPage ssr=SsrMode::Async />
        <Route path=path!("/settings/users") view=pages::settings::users::UsersPage ssr=SsrMode::Async />
        <Route path=path!("/settings/users/new") view=pages::settings::new_user::NewUserPage ssr=SsrMode::Async />
        <Route path=path!("/settings/users/:id") view=pages::settings::user::UserPage ssr=SsrMode::Async />
        <Route path=path!("/settings/teams") view=pages::settings::teams::TeamsPage ssr=SsrMode::Async />
        <Route path=path!("/settings/tokens") view=pages::settings::tokens::TokensPage ssr=SsrMode::Async />
        <Route
            path=path!("/settings/thresholds")
            view=pages::settings::thresholds::ThresholdsPage
            ssr=SsrMode::Async
        />
        <Route path=path!("/settings/samples") view=pages::settings::samples::SamplesPage ssr=SsrMode::Async />
        <Route
            path=path!("/settings/preflight")
            view=pages::settings::preflight::PreflightPage
            ssr=SsrMode::Async
        />
        <Route path=path!("/settings/roles") view=pages::settings::roles::RolesPage ssr=SsrMode::Async />
    }
    .into_inner()
    .into_any_nested_route()
}

/// A page of another area: no address leads to it. (No routes at all would match every address.)
#[cfg(not(any(
    feature = "ssr",
    all(
        feature = "administration",
        feature = "backups",
        feature = "operations",
        feature = "resources",
        feature = "services"
    )
)))]
fn elsewhere() -> leptos_router::any_nested_route::AnyNestedRoute {
    view! { <Route path=leptos_router::StaticSegment("\0") view=|| () /> }
        .into_inner()
        .into_any_nested_route()
}

/// Not in this build.
#[cfg(not(any(feature = "ssr", feature = "administration")))]
#[component(transparent)]
pub fn Doors() -> impl leptos_router::MatchNestedRoutes + Clone {
    elsewhere()
}

/// Not in this build.
#[cfg(not(any(feature = "ssr", feature = "operations")))]
#[component(transparent)]
pub fn Operations() -> impl leptos_router::MatchNestedRoutes + Clone {
    elsewhere()
}

/// Not in this build.
#[cfg(not(any(feature = "ssr", feature = "resources")))]
#[component(transparent)]
pub fn Resources() -> impl leptos_router::MatchNestedRoutes + Clone {
    elsewhere()
}

/// Not in this build.
#[cfg(not(any(feature = "ssr", feature = "services")))]
#[component(transparent)]
pub fn Services() -> impl leptos_router::MatchNestedRoutes + Clone {
    elsewhere()
}

/// Not in this build.
#[cfg(not(any(feature = "ssr", feature = "backups")))]
#[component(transparent)]
pub fn Backups() -> impl leptos_router::MatchNestedRoutes + Clone {
    elsewhere()
}

/// Not in this build.
#[cfg(not(any(feature = "ssr", feature = "resources")))]
#[component(transparent)]
pub fn Screens() -> impl leptos_router::MatchNestedRoutes + Clone {
    elsewhere()
}

/// Not in this build.
#[cfg(not(any(feature = "ssr", feature = "administration")))]
#[component(transparent)]
pub fn Administration() -> impl leptos_router::MatchNestedRoutes + Clone {
    elsewhere()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos_router::{MatchNestedRoutes, PathSegment};

    use super::*;
    use crate::Area;

    fn paths(routes: &impl MatchNestedRoutes) -> Vec<String> {
        let path = |segments: &[PathSegment]| {
            let segments: Vec<_> = segments.iter().map(PathSegment::as_raw_str).collect();
            format!("/{}", segments.join("/").trim_matches('/'))
        };
        let routes = routes.generate_routes().into_iter();
        routes.map(|route| path(&route.segments)).collect()
    }

    #[test]
    fn the_server_looks_for_a_page_in_the_area_that_has_it() {
        let operations = paths(&Operations());
        assert!(
            operations.contains(&"/deployment".to_owned()),
            "{operations:?}"
        );
        for path in operations {
            assert_eq!(Area::of(&path), Area::Operations, "{path}");
        }
        let resources = [paths(&Resources()), paths(&Screens())].concat();
        assert!(resources.contains(&"/wall".to_owned()), "{resources:?}");
        for path in resources {
            assert_eq!(Area::of(&path), Area::Resources, "{path}");
        }
        let services = paths(&Services());
        assert_eq!(services.len(), 1, "{services:?}");
        for path in services {
            assert_eq!(Area::of(&path), Area::Services, "{path}");
        }
        let backups = paths(&Backups());
        assert_eq!(backups.len(), 13, "{backups:?}");
        for path in backups {
            assert_eq!(Area::of(&path), Area::Backups, "{path}");
        }
        let administration = [paths(&Administration()), paths(&Doors())].concat();
        assert!(
            administration.contains(&"/sign-in".to_owned()),
            "{administration:?}"
        );
        for path in administration {
            assert_eq!(Area::of(&path), Area::Administration, "{path}");
        }
    }
}
