//! The services in a row, those first that are not well.

use std::{cmp::Reverse, sync::Arc};

use leptos::prelude::*;
use types::listing::{ListedService, Listing};

use crate::components::{
    status::Tone,
    written::{Written, written},
};

/// As many as there is room for: with more, those that are well are counted.
const SHOWN: usize = 24;

/// The row.
#[component]
pub fn Services(
    /// The stack.
    listing: Signal<Arc<Listing>>,
) -> impl IntoView {
    written(Box::new(move || strip(&listing.read())))
}

fn strip(listing: &Listing) -> Written {
    let services = listing.projects.iter().flat_map(|one| &one.services);
    let mut services: Vec<&ListedService> = services.collect();
    services.sort_by_key(|service| Reverse(service.status));
    let mut list = Written::new("ul", "strip", &[("aria-label", "Services")]);
    for service in services.iter().take(SHOWN) {
        list.add(&|html| {
            html.start("li", "", &[]).text(&service.name).text(" ");
            html.start("span", Tone::from(service.status).badge(), &[])
                .text(&service.word)
                .end("span")
                .end("li");
        });
    }
    let more = services.len().saturating_sub(SHOWN);
    if more > 0 {
        list.element("li", "", &format!("and {more} more"));
    }
    list
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use types::{health::Status, listing::ListedProject};

    use super::*;

    fn service(name: &str, status: Status, word: &str) -> ListedService {
        ListedService {
            name: name.to_owned(),
            status,
            word: word.to_owned(),
            ..ListedService::default()
        }
    }

    fn html(services: Vec<ListedService>) -> String {
        let project = ListedProject {
            services,
            ..ListedProject::default()
        };
        let listing = Listing {
            projects: vec![project],
            ..Listing::default()
        };
        strip(&listing).to_html()
    }

    #[test]
    fn what_is_not_well_comes_first() {
        let html = html(vec![
            service("<redis>", Status::Ok, "healthy"),
            service("n8n", Status::Warning, "healthy, drift"),
            service("backend", Status::Critical, "exited 1"),
        ]);
        let expected = "<ul class=\"strip\" aria-label=\"Services\">\
            <li>backend <span class=\"st crit\">exited 1</span></li>\
            <li>n8n <span class=\"st warn\">healthy, drift</span></li>\
            <li>&lt;redis&gt; <span class=\"st ok\">healthy</span></li></ul>";
        assert_eq!(html, expected);
    }

    #[test]
    fn of_hundreds_the_worst_are_shown_and_the_others_counted() {
        let mut many: Vec<_> = (0..100)
            .map(|nth| service(&format!("s{nth}"), Status::Ok, "healthy"))
            .collect();
        many.push(service("last", Status::Critical, "unhealthy"));
        let html = html(many);
        assert_eq!(html.matches("<li>").count(), SHOWN + 1);
        assert!(html.contains("<li>last ") && html.contains("and 77 more"));
    }
}
