//! The pages there are: a rail on a desk, a bar in thumb's reach on a phone.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use types::{Capability, health::Status, overview::Problem};

use super::Overall;
use crate::components::{icon::Icon, viewer::Viewer};

struct Place {
    href: &'static str,
    label: &'static str,
    icon: Icon,
    needs: Capability,
}

const OVERVIEW: Place = Place {
    href: "/",
    label: "Overview",
    icon: Icon::Overview,
    needs: Capability::SeeStack,
};
const DEPLOYMENT: Place = Place {
    href: "/deployment",
    label: "Deployment",
    icon: Icon::Deployment,
    needs: Capability::SeeStack,
};
const RESOURCES: Place = Place {
    href: "/resources",
    label: "Resources",
    icon: Icon::Resources,
    needs: Capability::SeeStack,
};
const BACKUPS: Place = Place {
    href: "/backups",
    label: "Backups",
    icon: Icon::Backups,
    needs: Capability::SeeStack,
};
const AUDIT: Place = Place {
    href: "/audit",
    label: "Audit",
    icon: Icon::Audit,
    needs: Capability::SeeAudit,
};
const SETTINGS: Place = Place {
    href: "/settings",
    label: "Settings",
    icon: Icon::Settings,
    needs: Capability::SeeStack,
};

static IN_RAIL: [Place; 6] = [OVERVIEW, DEPLOYMENT, RESOURCES, BACKUPS, AUDIT, SETTINGS];
/// Five find room: the audit log is reached from the settings, one's account from the header's menu.
static IN_BAR: [Place; 5] = [OVERVIEW, DEPLOYMENT, RESOURCES, BACKUPS, SETTINGS];

/// The rail.
#[component]
pub fn Rail() -> impl IntoView {
    view! {
        <nav class="rail" aria-label="Pages">
            <a class="brand" href="/">
                <img src="/favicon.svg" alt="" width="20" height="20" />
                "ytops"
            </a>
            <Places places=&IN_RAIL class="nav" />
        </nav>
    }
}

/// The bar.
#[component]
pub fn Bar() -> impl IntoView {
    view! {
        <nav class="bar" aria-label="Pages">
            <Places places=&IN_BAR class="" />
        </nav>
    }
}

#[component]
fn Places(places: &'static [Place], class: &'static str) -> impl IntoView {
    let viewer = Viewer::here();
    move || {
        let may = |place: &&Place| {
            viewer.with(|viewer| {
                viewer
                    .as_ref()
                    .is_some_and(|viewer| viewer.may(place.needs))
            })
        };
        places
            .iter()
            .filter(may)
            .map(|place| view! { <Link place class /> })
            .collect_view()
    }
}

#[component]
fn Link(place: &'static Place, class: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let is_here = move || path.with(|path| leads_to(path, place.href));
    view! {
        <a
            class=class
            href=place.href
            aria-current=move || is_here().then_some("page")
        >
            {place.icon.draw()}
            <span>{place.label}</span>
            <Count href=place.href />
        </a>
    }
}

/// How many problems lie behind a link.
#[component]
fn Count(href: &'static str) -> impl IntoView {
    let facts = use_context::<Overall>().map(|overall| overall.0);
    (href != "/").then(|| {
        view! {
            <Transition>
                {move || Suspend::new(async move {
                    let overview = facts?.await.ok()?;
                    let (count, worst) = problems_behind(href, &overview.problems)?;
                    let (class, says) = if worst == Status::Critical {
                        ("crit", if count == 1 { "problem" } else { "problems" })
                    } else {
                        ("warn", if count == 1 { "warning" } else { "warnings" })
                    };
                    Some(
                        view! {
                            <b class=class>
                                {count} <span class="sr-only">{format!(" {says}")}</span>
                            </b>
                        },
                    )
                })}
            </Transition>
        }
    })
}

/// Whether the page at `path` belongs to the link.
fn leads_to(path: &str, href: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path == href
        || (href != "/"
            && path
                .strip_prefix(href)
                .is_some_and(|rest| rest.starts_with('/')))
}

/// The number of problems whose page belongs to the link, and the worst of them.
fn problems_behind(href: &str, problems: &[Problem]) -> Option<(usize, Status)> {
    let behind = || {
        problems
            .iter()
            .filter(|problem| leads_to(&problem.href, href))
    };
    let worst = behind().map(|problem| problem.status).max()?;
    Some((behind().count(), worst))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_owns_the_pages_below_it() {
        assert!(leads_to("/deployment", "/deployment"));
        assert!(leads_to("/deployment/shop/web", "/deployment"));
        assert!(leads_to("/settings/preflight#gpu", "/settings"));
        assert!(!leads_to("/deployments", "/deployment"));
        assert!(!leads_to("/deployment", "/"));
    }

    #[test]
    fn problems_are_counted_where_they_are_shown() {
        let problem = |status, href: &str| Problem {
            status,
            text: String::new(),
            since: None,
            when: types::overview::When::Since,
            href: href.to_owned(),
        };
        let problems = [
            problem(Status::Warning, "/deployment/shop/web"),
            problem(Status::Critical, "/deployment"),
            problem(Status::Warning, "/settings/preflight"),
        ];
        assert_eq!(
            problems_behind("/deployment", &problems),
            Some((2, Status::Critical))
        );
        assert_eq!(
            problems_behind("/settings", &problems),
            Some((1, Status::Warning))
        );
        assert_eq!(problems_behind("/audit", &problems), None);
    }
}
