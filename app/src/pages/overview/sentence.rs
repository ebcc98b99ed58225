//! The one sentence.

use leptos::prelude::*;
use types::{
    OffsetDateTime,
    health::Status,
    overview::{Overview, Problem, When},
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

/// Nothing is known of any service: its problem is the first, and alone leads to the page of all services.
pub fn is_engine_silent(overview: &Overview) -> bool {
    let first = overview.problems.first();
    first.is_some_and(|problem| problem.href == "/deployment")
}

/// What is well, in figures.
fn what_is_well(overview: &Overview) -> String {
    let services = match overview.services {
        0 => "No compose service was found".to_owned(),
        all if is_engine_silent(overview) => format!(
            "{} unknown",
            format::count(all as usize, "service", "services")
        ),
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

/// What the sentence says of a problem's time.
#[derive(Debug, PartialEq)]
struct Time {
    /// The time, unless the problem that follows is as old and tells it.
    at: Option<OffsetDateTime>,
    /// It is also that of the problems before.
    is_shared: bool,
}

/// The times of the problems that the sentence names. What was so at the first look is as old as its neighbour, to the
/// minute; that is said once.
fn times(named: &[Problem]) -> Vec<Time> {
    let alike = |one: &Problem, other: &Problem| {
        let minute = |problem: &Problem| problem.since.map(|at| at.unix_timestamp() / 60);
        one.when == When::Before && other.when == When::Before && minute(one) == minute(other)
    };
    let of = |(at, problem): (usize, &Problem)| {
        let follows = named.get(at + 1).is_some_and(|next| alike(problem, next));
        let led = at > 0 && alike(&named[at - 1], problem);
        Time {
            at: problem.since.filter(|_| !follows),
            is_shared: led && !follows && problem.since.is_some(),
        }
    };
    named.iter().enumerate().map(of).collect()
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
    let times = times(&overview.problems[..=last]);
    let problems = overview.problems.into_iter().zip(times);
    let parts = problems.enumerate().map(|(at, (problem, time))| {
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
            {time.is_shared.then_some(", all")}
            {time.at.map(|at| view! { <HowLong at when=problem.when /> })}
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
    use super::*;

    fn problem(when: When, seconds: i64) -> Problem {
        Problem {
            status: Status::Warning,
            text: String::new(),
            since: OffsetDateTime::from_unix_timestamp(seconds).ok(),
            when,
            href: String::new(),
        }
    }

    #[test]
    fn a_time_that_several_share_is_said_once() {
        let said = |named: &[Problem]| -> Vec<(bool, bool)> {
            let times = times(named).into_iter();
            times
                .map(|time| (time.at.is_some(), time.is_shared))
                .collect()
        };
        let before = |seconds| problem(When::Before, seconds);
        assert_eq!(said(&[before(61)]), [(true, false)]);
        assert_eq!(
            said(&[before(61), before(65), before(119)]),
            [(false, false), (false, false), (true, true)]
        );
        assert_eq!(
            said(&[before(59), before(61)]),
            [(true, false), (true, false)],
            "another minute"
        );
        let since = problem(When::Since, 61);
        assert_eq!(said(&[since.clone(), since]), [(true, false); 2]);
    }

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
    fn while_the_engine_is_silent_services_are_unknown() {
        let overview = Overview {
            services: 6,
            checks: 8,
            checks_ok: 3,
            problems: vec![Problem {
                href: "/deployment".to_owned(),
                ..problem(When::Since, 0)
            }],
            ..Overview::default()
        };
        assert_eq!(
            what_is_well(&overview),
            "6 services unknown; 3 of 8 checks passed."
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
