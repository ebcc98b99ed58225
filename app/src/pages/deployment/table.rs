//! A project's services: a table on a desk, cards on a phone.

use std::sync::Arc;

use leptos::prelude::*;
use types::{
    Capability,
    deployment::{Drift, EngineFault},
    listing::{ListedProject, Listing},
};

use super::cells::{self, COLUMNS, Moment};
use crate::{
    components::{
        clock::{Ago, Clock},
        effect::memo,
        format,
        rows::{self, Body, Rows},
        status::{Badge, Tone},
        viewer::Viewer,
        written::{Written, written},
    },
    pages::service::drift,
};

/// Reads `read` of the project of that name, if it is still there.
fn of_project<'a, T>(
    listing: &'a Listing,
    name: &str,
    read: impl FnOnce(&'a ListedProject) -> T,
) -> Option<T> {
    listing
        .projects
        .iter()
        .find(|project| project.name == name)
        .map(read)
}

/// A project with its services.
#[component]
pub fn ProjectCard(
    /// The list that it is part of.
    listing: Signal<Arc<Listing>>,
    /// Its name.
    name: Arc<str>,
) -> impl IntoView {
    let id = format!("project-{name}");
    let title = name.to_string();
    let count = {
        let name = Arc::clone(&name);
        memo(move || of_project(&listing.read(), &name, |one| one.services.len()))
    };
    let drifted = {
        let name = Arc::clone(&name);
        memo(move || of_project(&listing.read(), &name, drifted).unwrap_or_default())
    };
    let differs = memo(move || !drifted.read().is_empty());
    let drift_unknown = {
        let name = Arc::clone(&name);
        memo(move || of_project(&listing.read(), &name, |one| one.drift_unknown.clone())?)
    };
    let as_of = memo(move || listing.read().engine.as_of);
    let count = move || format::count(count.get().unwrap_or_default(), "service", "services");
    view! {
        <section class="card mb-3" aria-labelledby=id.clone()>
            <header>
                <h2 id=id.clone()>{title}</h2>
                <small>
                    "compose project, " {count}
                    {move || as_of.get().map(|at| view! { ", as of " <Ago at /> })}
                </small>
                <span class="sp"></span>
                {move || {
                    let count = drifted.read().len();
                    (count > 0)
                        .then(|| {
                            let verb = if count == 1 { "differs" } else { "differ" };
                            let text = format!(
                                "{} {verb} from the file",
                                format::count(count, "service", "services"),
                            );
                            view! { <Badge tone=Tone::Warn text /> }
                        })
                }}
            </header>
            {move || {
                drift_unknown
                    .get()
                    .map(|why| view! { <p class="hint px-4 py-2 border-b">{format!("Drift is not known: {why}")}</p> })
            }}
            <Services listing name />
            {move || differs.get().then(|| written(Box::new(move || what_differs(&drifted.read()))))}
        </section>
    }
}

#[component]
fn Services(listing: Signal<Arc<Listing>>, name: Arc<str>) -> impl IntoView {
    let rows = rows(listing, Arc::clone(&name));
    #[cfg(feature = "ssr")]
    let written = Some(super::written::table(
        &listing.get_untracked(),
        &name,
        &rows,
    ));
    #[cfg(not(feature = "ssr"))]
    let written = None;
    view! {
        <table class="cards services">
            <thead>
                <tr>
                    <th>"Service"</th>
                    <th>"State"</th>
                    <th>"Image"</th>
                    <th>"Up"</th>
                    <th class="num">"Restarts"</th>
                    <th>"CPU"</th>
                    <th>"Memory"</th>
                    <th>
                        <span class="sr-only">"Actions"</span>
                    </th>
                </tr>
            </thead>
            <Body rows written />
        </table>
    }
}

/// Writes the rows of a project's services.
fn rows(listing: Signal<Arc<Listing>>, name: Arc<str>) -> rows::Write {
    let (viewer, clock) = (Viewer::here(), Clock::here());
    Box::new(move || {
        let mut rows = Rows::new(&COLUMNS);
        let listing = listing.read();
        let fault = listing.engine.fault.map(as_reason);
        let viewer = viewer.read();
        let moment = Moment {
            now: clock.now(),
            clock,
        };
        let services = of_project(&listing, &name, |project| project.services.as_slice());
        let services = services.unwrap_or_default();
        rows.reserve(services.len());
        for service in services {
            let by_role = || {
                let viewer = viewer.as_ref()?;
                viewer.may_not(Capability::OperateServices, &service.team)
            };
            let refused = fault.clone().or_else(by_role);
            cells::add(&mut rows, &name, service, refused.as_deref(), moment);
        }
        rows
    })
}

fn as_reason(fault: EngineFault) -> String {
    format!("{}.", fault.as_sentence())
}

/// Names of the services that differ from the file, and how they do.
fn drifted(project: &ListedProject) -> Vec<(String, Vec<Drift>)> {
    project
        .services
        .iter()
        .filter(|service| !service.drift.is_empty())
        .map(|service| (service.name.clone(), service.drift.clone()))
        .collect()
}

/// What differs, below each service's name, behind a line that opens it.
fn what_differs(drifted: &[(String, Vec<Drift>)]) -> Written {
    let mut details = Written::new("details", "border-t", &[]);
    details.element(
        "summary",
        "px-4 py-3 text-accent",
        "What differs from the compose file",
    );
    for (name, drift) in drifted {
        details.element("h3", "px-4 pt-3", name);
        details.add(&|html| drift::write(html, drift));
    }
    details
}
