//! One round of all checks: asked at once, judged, stored in one transaction.

use std::{
    collections::HashSet,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use store::health::Past;
use time::OffsetDateTime;
use types::{
    Error,
    deployment::State,
    health::{Check, Status},
    live::Topic,
    preflight::Thresholds,
};

use super::{
    candidate::Candidate,
    checks::{self, Round},
    errors::{self, Rate},
    judge::Finding,
    lives::{self, Turn},
    targets,
};
use crate::{Ops, Outcome, outside::Container, preflight::THRESHOLDS};

/// How often the checks run by themselves.
pub const EVERY: Duration = Duration::from_secs(30);

/// How long a round may take in all.
const LONGEST: Duration = Duration::from_secs(25);

/// The error rate is that of the last five minutes: ten rounds.
const WINDOW: time::Duration = time::Duration::minutes(5);

/// The turns of a service's life that are looked at; more of them within the window are a crash loop.
const TURNS: i64 = 200;

/// How long probes are kept.
const KEPT: time::Duration = time::Duration::hours(1);

/// The engine is read every 15 s; what is older than this may have moved.
const RECENT: time::Duration = time::Duration::minutes(1);

/// What every caller of a round gets.
type Ended = Result<(), Error>;

/// The round that is under way in this process, if there is one; whoever asks meanwhile shares it.
#[derive(Clone, Default)]
pub struct Rounds(Arc<Mutex<Option<Shared<BoxFuture<'static, Ended>>>>>);

/// Runs every check and stores what was found. Joins the round that is under way, if there is one. A caller that goes
/// away does not cut the round short.
///
/// # Errors
/// The database failed.
pub async fn run_checks(ops: &Ops) -> Outcome<()> {
    let round = {
        let mut under_way = ops.rounds.0.lock().unwrap_or_else(PoisonError::into_inner);
        match under_way.as_ref().filter(|round| round.peek().is_none()) {
            Some(round) => round.clone(),
            None => under_way.insert(start(ops.clone())).clone(),
        }
    };
    Ok(round.await?)
}

fn start(ops: Ops) -> Shared<BoxFuture<'static, Ended>> {
    let task = tokio::spawn(async move {
        // A database that is frozen must not keep every later round waiting.
        tokio::time::timeout(LONGEST, run(&ops))
            .await
            .unwrap_or_else(|_elapsed| Err(store::StoreError::timed_out().into()))
            .map_err(|fault| fault.tell(&crate::trace_id()))
    });
    async move {
        task.await.unwrap_or_else(|error| {
            let trace_id = crate::trace_id();
            tracing::error!(trace_id, error = %error, "A round of checks broke off.");
            Err(Error::Internal { trace_id })
        })
    }
    .boxed()
    .shared()
}

async fn run(ops: &Ops) -> Outcome<()> {
    let number = store::reading::begin(&ops.db).await?;
    let begun = ops.clock.now();
    let round = Round {
        ops,
        thresholds: store::settings::get(&ops.db, THRESHOLDS).await?,
        set: targets::stored(ops).await?,
        candidates: candidates(ops).await?,
        is_engine_silent: !store::engine::get(&ops.db).await?.reachable,
        before: store::health::checks(&ops.db).await?,
    };
    let (database, redis, backend, frontend, n8n, gpu, disk, memory) = tokio::join!(
        bounded(round.database()),
        bounded(round.redis()),
        bounded(round.backend()),
        bounded(round.frontend()),
        bounded(round.n8n()),
        bounded(round.gpu()),
        bounded(round.disk()),
        bounded(round.memory()),
    );
    let findings = [
        ("database", database),
        ("redis", redis),
        ("backend", backend),
        ("frontend", frontend),
        ("n8n", n8n),
        ("gpu", gpu),
        ("disk", disk),
        ("memory", memory),
    ];
    let now = ops.clock.now();
    let mut results = Vec::new();
    for (name, finding) in findings {
        let latest = finding.probed.clone().map(|probed| Past {
            at: if probed.ok { begun } else { now },
            probed,
        });
        let finding = match &latest {
            Some(latest) => rated(&round, name, finding, latest, now).await?,
            None => finding,
        };
        results.push((finding.check(name), latest));
    }
    let took = results
        .iter()
        .filter(|(check, _)| check.ok)
        .filter_map(|(check, _)| Some((check.name.as_str(), check.latency_ms? / 1_000.0)));
    ops.meters.set_answers(took);
    save(ops, &results, number, now).await
}

/// An adapter that overstays its own limit must not hold up the others.
async fn bounded(check: impl Future<Output = Finding>) -> Finding {
    let limit = checks::LIMIT + Duration::from_secs(1);
    tokio::time::timeout(limit, check)
        .await
        .unwrap_or_else(|_elapsed| Finding::unknown("the check did not end in time"))
}

/// The finding with its error rate over the window, this probe included. What failed while its service was stopped or
/// had just been started is no error.
async fn rated(
    round: &Round<'_>,
    name: &str,
    finding: Finding,
    latest: &Past,
    now: OffsetDateTime,
) -> Outcome<Finding> {
    let thresholds = &round.thresholds;
    let mut probes = store::health::probes(&round.ops.db, name, now - WINDOW).await?;
    probes.push(latest.clone());
    let lives = match finding.service.split_once('/') {
        Some((project, service)) => lives(round, project, service).await?,
        None => Vec::new(),
    };
    let probes = lives::counting(probes, &lives);
    let rates: Vec<Rate> = [errors::of_counters(&probes), errors::of_probes(&probes)]
        .into_iter()
        .flatten()
        .collect();
    Ok(rates
        .iter()
        .fold(finding, |finding, rate| apply(finding, rate, thresholds)))
}

/// The turns in the life of a service, as the engine told them and as its containers do.
async fn lives(round: &Round<'_>, project: &str, service: &str) -> Outcome<Vec<Turn>> {
    let told = store::engine_events::turns(&round.ops.db, project, service, TURNS).await?;
    let started = round
        .candidates
        .iter()
        .filter(|candidate| candidate.project == project && candidate.service == service)
        .filter_map(|candidate| candidate.started_at);
    Ok(lives::turns(&told, started))
}

fn apply(finding: Finding, rate: &Rate, thresholds: &Thresholds) -> Finding {
    let status = rate.status(thresholds);
    // What does not answer now is critical already; that it failed before adds nothing.
    let concerns = status != Status::Ok && finding.ok;
    let text = rate.against(thresholds);
    let finding = finding.showing(rate.name, text.clone(), status);
    if concerns {
        let summary = format!("{} ({text})", rate.summary(status));
        finding.with(status, summary, text)
    } else {
        finding
    }
}

async fn save(
    ops: &Ops,
    results: &[(Check, Option<Past>)],
    round: i64,
    now: OffsetDateTime,
) -> Outcome<()> {
    let mut tx = ops.db.begin().await.map_err(store::StoreError::from)?;
    for (check, latest) in results {
        store::health::save(&mut tx, check, round, now).await?;
        if let Some(Past { at, probed }) = latest {
            store::health::remember(&mut tx, &check.name, probed, *at).await?;
        }
    }
    store::health::forget(&mut tx, now - KEPT).await?;
    store::changes::publish(&mut tx, Topic::Health, "").await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}

/// The containers of the compose projects: as they were last read while that is recent, else asked of the engine (a
/// command line beside no console), else as they were. An engine that does not answer is not waited for: checks are
/// wanted most while it hangs.
pub(crate) async fn candidates(ops: &Ops) -> Outcome<Vec<Candidate>> {
    let engine = store::engine::get(&ops.db).await?;
    let recent = engine
        .as_of
        .is_some_and(|at| ops.clock.now() - at <= RECENT);
    let is_silent = !engine.reachable && engine.as_of.is_some();
    let listed = if is_silent || (engine.reachable && recent) {
        None
    } else {
        let listing = ops.outside.containers.list();
        let listed = tokio::time::timeout(checks::ENGINE_LIMIT, listing).await;
        listed.ok().and_then(Result::ok)
    };
    let containers = match listed {
        Some(listed) => [listed.containers, listed.unreadable].concat(),
        None => stored_containers(ops).await?,
    };
    let ends = store::ends::all(&ops.db).await?;
    let stopped: HashSet<&str> = ends
        .iter()
        .filter(|end| end.is_deliberate)
        .map(|end| end.container_id.as_str())
        .collect();
    let candidates = containers
        .into_iter()
        .filter(|container| !container.oneoff)
        .map(Candidate::from)
        .map(|candidate| Candidate {
            was_stopped: candidate.state == State::Exited
                && stopped.contains(candidate.container_id.as_str()),
            ..candidate
        });
    Ok(candidates.collect())
}

async fn stored_containers(ops: &Ops) -> Outcome<Vec<Container>> {
    let facts = store::health::containers(&ops.db).await?;
    let read = facts.into_iter().filter_map(|facts| {
        serde_json::from_value(facts)
            .inspect_err(|error| {
                tracing::warn!(error = %error, "A stored container can't be read; checks do not see it.");
            })
            .ok()
    });
    Ok(read.collect())
}

#[cfg(test)]
mod tests;
