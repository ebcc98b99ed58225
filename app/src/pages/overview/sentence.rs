//! The one sentence.

use leptos::prelude::*;
use types::{
    health::Status,
    overview::{Overview, Problem},
};

use crate::components::{clock::HowLong, format};

/// The most problems that the sentence names; the list below it names all.
const NAMED: usize = 3;

/// The page's heading.
pub fn headline(overview: &Overview) -> &'static str {
    match overview.status {
        Status::Ok => "All is well",
        Status::Unknown => "Not everything is known",
        Status::Warning => "Something wants a look",
        Status::Critical => "Something needs you",
    }
}

/// A problem's text as a sentence begins: `gpu is missing` is `GPU is missing`. A service keeps the name that it has.
pub fn begin(problem: &Problem) -> String {
    if problem.href.starts_with("/deployment/") {
        return problem.text.clone();
    }
    let text = &problem.text;
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    format!("{} {rest}", super::name_of(first))
        .trim_end()
        .to_owned()
}

/// What is well, in figures.
fn what_is_well(overview: &Overview) -> String {
    let services = match overview.services {
        0 => "No compose service was found".to_owned(),
        all => format!(
            "{} of {} run well",
            overview.services_well,
            format::count(all as usize, "service", "services")
        ),
    };
    match overview.checks {
        0 => format!("{services}; nothing has been checked yet."),
        all => {
            let checks = format::count(all as usize, "check", "checks");
            format!("{services}; {} of {checks} passed.", overview.checks_ok)
        }
    }
}

/// Says whether all is well and, if not, what is wrong and since when, each part leading to its page.
#[component]
pub fn Sentence(overview: Overview) -> impl IntoView {
    let well = what_is_well(&overview);
    if overview.problems.is_empty() {
        let first = match overview.status {
            Status::Ok => "Everything runs as it should.",
            _ => "Nothing is known to be wrong, but not everything could be read.",
        };
        return view! {
            <p class="text-lg font-semibold">{first}</p>
            <p class="hint">{well}</p>
        }
        .into_any();
    }
    let more = overview.problems.len().saturating_sub(NAMED);
    let last = overview.problems.len().min(NAMED) - 1;
    let problems = overview.problems.into_iter();
    let parts = problems.take(NAMED).enumerate().map(|(at, problem)| {
        let text = if at == 0 {
            begin(&problem)
        } else {
            problem.text
        };
        let end = if at == last && more == 0 { "." } else { "; " };
        view! {
            <a href=problem.href class="underline">
                {text}
            </a>
            {problem.since.map(|at| view! { <HowLong at when=problem.when /> })}
            {end}
        }
    });
    view! {
        <p class="text-lg font-semibold">
            {parts.collect_view()} {(more > 0)
                .then(|| {
                    view! {
                        <a href="#problems" class="underline">
                            {format!("and {more} more.")}
                        </a>
                    }
                })}
        </p>
        {overview.what_to_do.map(|text| view! { <p>{text}</p> })}
        <p class="hint">{well}</p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use types::overview::When;

    use super::*;

    #[test]
    fn figures_are_said_with_their_nouns() {
        let overview = Overview {
            services: 6,
            services_well: 5,
            checks: 1,
            checks_ok: 1,
            ..Overview::default()
        };
        assert_eq!(
            what_is_well(&overview),
            "5 of 6 services run well; 1 of 1 check passed."
        );
        assert_eq!(
            what_is_well(&Overview::default()),
            "No compose service was found; nothing has been checked yet."
        );
    }

    #[test]
    fn a_sentence_begins_with_a_name() {
        let begin = |href: &str, text: &str| {
            begin(&Problem {
                status: Status::Critical,
                text: text.to_owned(),
                since: None,
                when: When::Since,
                href: href.to_owned(),
            })
        };
        let checks = "/deployment#checks";
        assert_eq!(begin(checks, "gpu is missing"), "GPU is missing");
        assert_eq!(begin(checks, "n8n does not answer"), "n8n does not answer");
        assert_eq!(begin("/deployment", "the engine"), "The engine");
        let machine = begin("/settings/preflight", "the machine lacks (CPU)");
        assert_eq!(machine, "The machine lacks (CPU)");
        assert_eq!(begin("/deployment/shop/web", "web is down"), "web is down");
        assert_eq!(begin("", ""), "");
    }

    #[test]
    fn an_overview_without_facts_claims_nothing() {
        assert_eq!(headline(&Overview::default()), "Not everything is known");
    }
}
