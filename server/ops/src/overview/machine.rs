//! What is wrong with the machine.

use types::{
    health::{Health, Status},
    overview::{Problem, When},
    preflight::{Preflight, Requirement},
};

/// What the machine lacks, one problem for all requirements of a verdict that are so since the same time. Those that a
/// problem beside it tells of are left out: the cards by their check, and what only an engine that answers can tell.
pub fn problems(preflight: &Preflight, health: &Health, is_silent: bool) -> Vec<Problem> {
    let gpu_is_told = health
        .checks
        .iter()
        .any(|check| check.name == "gpu" && check.status != Status::Ok);
    let is_told = |name: &str| match name {
        "gpu" => gpu_is_told,
        "docker" | "nvidia_runtime" => is_silent,
        _ => false,
    };
    let mut together: Vec<(&Requirement, Vec<String>)> = Vec::new();
    let wanting = preflight
        .requirements
        .iter()
        .filter(|one| one.status != Status::Ok && !is_told(&one.name));
    for one in wanting {
        let same = |(first, _): &&mut (&Requirement, _)| {
            (first.status, first.since, first.began_before)
                == (one.status, one.since, one.began_before)
        };
        match together.iter_mut().find(same) {
            Some((_, names)) => names.push(requirement(&one.name)),
            None => together.push((one, vec![requirement(&one.name)])),
        }
    }
    let problems = together.into_iter().map(|(one, names)| Problem {
        status: one.status,
        text: format!("{} ({})", lack(one.status), names.join(", ")),
        since: one.since,
        when: When::began(one.began_before),
        href: "/settings/preflight".to_owned(),
    });
    problems.collect()
}

/// What a verdict on a requirement says of the machine.
const fn lack(status: Status) -> &'static str {
    match status {
        Status::Critical => "the machine lacks what is required",
        Status::Warning => "the machine has less than is wanted",
        Status::Unknown | Status::Ok => "the machine is not wholly known",
    }
}

/// A requirement's name inside a sentence.
fn requirement(name: &str) -> String {
    match name {
        "cpu" | "gpu" => name.to_uppercase(),
        "nvidia_runtime" => "NVIDIA runtime".to_owned(),
        name => name.to_owned(),
    }
}
