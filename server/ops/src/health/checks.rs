//! Asks each part: where it is, with which credentials, and what it answers.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use store::health::Probed;
use tokio::time::Instant;
use types::{
    deployment::State,
    health::{Check, Status},
    preflight::Thresholds,
};

use super::{
    candidate::{self, Candidate},
    errors,
    find::{self, Part},
    first::{first, first_until},
    judge::{self, Finding},
    login::{POSTGRES_ENV, REDIS_ENV, postgres_login},
    target::Target,
    targets,
};
use crate::{
    Ops,
    outside::{Address, HttpAnswer, HttpRequest, Secret},
};

/// The longest that one part is waited for.
pub const LIMIT: Duration = Duration::from_secs(5);

/// The longest that the engine is waited for. What it has to tell helps the checks; none depends on it.
pub const ENGINE_LIMIT: Duration = Duration::from_secs(2);

/// So many folders of the host are looked at; each may cost a thread.
const MAX_DATA_PATHS: usize = 32;

/// As much of a health page as is read, in bytes.
const MAX_BODY: usize = 64 << 10;

/// As much of a metrics page as is read, in bytes.
const MAX_METRICS: usize = 1 << 20;

/// What a round of checks goes by.
pub struct Round<'a> {
    /// The tools.
    pub ops: &'a Ops,
    /// The thresholds in force.
    pub thresholds: Thresholds,
    /// Addresses set by hand.
    pub set: targets::Set,
    /// Containers to find the rest among.
    pub candidates: Vec<Candidate>,
    /// The engine does not answer: which containers there are is not known.
    pub is_engine_silent: bool,
    /// The results before this round.
    pub before: Vec<Check>,
}

/// Where a part is.
enum Place<'a> {
    /// At an address set by hand.
    Set(Target),
    /// In a container.
    Found(&'a Candidate),
}

impl Round<'_> {
    /// Postgres.
    pub async fn database(&self) -> Finding {
        let part = find::DATABASE;
        let place = match self.place(&part) {
            Ok(place) => place,
            Err(finding) => return *finding,
        };
        let login = match &place {
            Place::Set(target) => target.postgres(),
            Place::Found(candidate) => match self.environment(candidate, &POSTGRES_ENV).await {
                Ok(environment) => postgres_login(&environment),
                Err(reason) => return at(Finding::unknown(reason), &place, ""),
            },
        };
        let addresses = addresses(&part, &place);
        let (address, answer) = first(&addresses, |address, limit| {
            let login = &login;
            async move { self.ops.outside.probe.postgres(address, login, limit).await }
        })
        .await;
        let finding = match answer {
            Ok(answer) => judge::database(&answer, &self.thresholds),
            Err(error) => Finding::failed(&error),
        };
        let shown = format!("postgres://{address}/{}", login.database);
        probed(at(finding, &place, &shown))
    }

    /// Redis.
    pub async fn redis(&self) -> Finding {
        let part = find::REDIS;
        let place = match self.place(&part) {
            Ok(place) => place,
            Err(finding) => return *finding,
        };
        let login = match &place {
            Place::Set(target) => target.login(),
            Place::Found(candidate) => match self.environment(candidate, &REDIS_ENV).await {
                Ok(mut environment) => REDIS_ENV
                    .iter()
                    .find_map(|name| environment.remove(*name))
                    .filter(|password| !password.expose().is_empty())
                    .map(|password| (String::new(), password)),
                Err(reason) => return at(Finding::unknown(reason), &place, ""),
            },
        };
        let addresses = addresses(&part, &place);
        let (address, answer) = first(&addresses, |address, limit| {
            let login = login.as_ref();
            async move { self.ops.outside.probe.redis(address, login, limit).await }
        })
        .await;
        let finding = match answer {
            Ok(answer) => judge::redis(&answer, &self.thresholds),
            Err(error) => Finding::failed(&error),
        };
        probed(at(finding, &place, &format!("redis://{address}")))
    }

    /// The backend, with the error rate of its own counters where it has them.
    pub async fn backend(&self) -> Finding {
        let part = find::BACKEND;
        let (mut finding, asked) = self
            .http(&part, &["/health", "/healthz", "/api/health", "/"])
            .await;
        if let (true, Some((address, login, left))) = (finding.ok, asked) {
            let request = HttpRequest {
                path: "/metrics".to_owned(),
                login,
                max_body: MAX_METRICS,
            };
            // No counters is no fault: the share of failed probes is used instead.
            let metrics = self.ops.outside.probe.http(&address, &request, left).await;
            let counted = metrics
                .ok()
                .filter(|answer| answer.status == 200)
                .and_then(|answer| errors::counters(&String::from_utf8_lossy(&answer.body)));
            if let (Some(probed), Some((requests, errors))) = (finding.probed.as_mut(), counted) {
                probed.requests = Some(requests);
                probed.errors = Some(errors);
            }
        }
        finding
    }

    /// The frontend.
    pub async fn frontend(&self) -> Finding {
        self.http(&find::FRONTEND, &["/"]).await.0
    }

    /// n8n.
    pub async fn n8n(&self) -> Finding {
        self.http(&find::N8N, &["/healthz", "/"]).await.0
    }

    /// The GPUs.
    pub async fn gpu(&self) -> Finding {
        let cards = self.ops.outside.gpu.cards().await;
        let mut finding = judge::gpu(&cards, &self.thresholds);
        "NVML".clone_into(&mut finding.target);
        finding
    }

    /// The filesystems.
    pub async fn disk(&self) -> Finding {
        let also = data_paths(self.ops, &self.candidates).await;
        let filesystems = self.ops.outside.host.filesystems(also).await;
        judge::disk(&filesystems, &self.thresholds)
    }

    /// Memory.
    pub async fn memory(&self) -> Finding {
        judge::memory(&self.ops.outside.host.machine().await, &self.thresholds)
    }

    /// Asks `paths` in turn until one is there. What was asked, and the time that is left, come with it.
    async fn http(&self, part: &Part, paths: &[&str]) -> (Finding, Option<Asked>) {
        let place = match self.place(part) {
            Ok(place) => place,
            Err(finding) => return (*finding, None),
        };
        let (login, paths) = match &place {
            Place::Set(target) => (target.login(), vec![target.path()]),
            Place::Found(_) => (None, self.likeliest_first(part, paths)),
        };
        let addresses = addresses(part, &place);
        let deadline = Instant::now() + LIMIT;
        let mut finding = Finding::unknown("there is no path to ask");
        let mut asked = None;
        for path in paths {
            let request = HttpRequest {
                path: path.clone(),
                login: login.clone(),
                max_body: MAX_BODY,
            };
            let (address, answer) = first_until(deadline, &addresses, |address, limit| {
                let request = &request;
                async move { self.ops.outside.probe.http(address, request, limit).await }
            })
            .await;
            let missing = matches!(answer, Ok(HttpAnswer { status: 404, .. }));
            finding = match answer {
                Ok(answer) => judge::http(&answer, &path, &self.thresholds),
                Err(error) => Finding::failed(&error),
            };
            finding = at(finding, &place, &format!("http://{address}{path}"));
            let left = deadline.saturating_duration_since(Instant::now());
            asked = Some((address, login.clone(), left));
            if !missing || left.is_zero() {
                break;
            }
        }
        (probed(finding), asked)
    }

    /// The path that answered last time goes first, so that a part without `/health` does not log a 404 every round.
    fn likeliest_first(&self, part: &Part, paths: &[&str]) -> Vec<String> {
        let mut paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let last = self
            .before
            .iter()
            .find(|check| check.name == part.name && check.ok)
            .and_then(|check| {
                check
                    .target
                    .strip_prefix("http://")?
                    .find('/')
                    .map(|slash| &check.target["http://".len() + slash..])
            });
        if let Some(place) = last.and_then(|last| paths.iter().position(|path| path == last)) {
            paths[..=place].rotate_right(1);
        }
        paths
    }

    fn place(&self, part: &Part) -> Result<Place<'_>, Box<Finding>> {
        if let Some(target) = targets::parsed(&self.set, part) {
            return Ok(Place::Set(target));
        }
        if targets::is_unreadable(&self.set, part) {
            return Err(Box::new(Finding::unknown(targets::UNREADABLE)));
        }
        let Some(candidate) = find::find(part, &self.candidates) else {
            return Err(Box::new(Finding::unknown(if self.is_engine_silent {
                "the Docker Engine, which would tell where it is, does not answer"
            } else {
                "no service of this name was found; set its address in Settings"
            })));
        };
        if candidate.state == State::Running {
            return Ok(Place::Found(candidate));
        }
        if candidate.was_stopped {
            let detail = format!("its container in {} was stopped", candidate.project);
            let finding = Finding::default().with(Status::Warning, "is stopped", detail);
            return Err(Box::new(probed(at(finding, &Place::Found(candidate), ""))));
        }
        let detail = format!(
            "its container in {} is {}",
            candidate.project,
            candidate.state.as_str()
        );
        let finding = Finding::default().with(Status::Critical, "does not run", detail);
        Err(Box::new(probed(at(finding, &Place::Found(candidate), ""))))
    }

    /// Values of the container's environment variables, by name; for signing in, never to be shown.
    async fn environment(
        &self,
        candidate: &Candidate,
        names: &[&str],
    ) -> Result<BTreeMap<String, Secret>, String> {
        let containers = &self.ops.outside.containers;
        let values = containers.secret_env(&candidate.container_id, names).await;
        values.map_err(|error| {
            let said = error.to_string();
            let said = said.trim_end().trim_end_matches('.');
            format!("how to sign in to it can't be read: {said}")
        })
    }
}

/// Where the platform's data lies on the host: the engine's own folder and what containers write to.
pub async fn data_paths(ops: &Ops, candidates: &[Candidate]) -> Vec<PathBuf> {
    let mut paths = candidate::data_paths(candidates, MAX_DATA_PATHS);
    let info = tokio::time::timeout(ENGINE_LIMIT, ops.outside.containers.info()).await;
    if let Ok(Ok(info)) = info
        && !info.root_dir.is_empty()
    {
        paths.insert(0, PathBuf::from(info.root_dir));
    }
    paths
}

/// What was asked over HTTP, with which login, and the time left to ask more.
type Asked = (Address, Option<(String, Secret)>, Duration);

fn addresses(part: &Part, place: &Place<'_>) -> Vec<Address> {
    match place {
        Place::Set(target) => vec![target.address(part)],
        Place::Found(candidate) => find::addresses(part, candidate),
    }
}

fn at(mut finding: Finding, place: &Place<'_>, shown: &str) -> Finding {
    shown.clone_into(&mut finding.target);
    if let Place::Found(candidate) = place {
        finding.service = format!("{}/{}", candidate.project, candidate.service);
    }
    finding
}

/// The finding as one more probe in the error rate.
fn probed(mut finding: Finding) -> Finding {
    finding.probed = Some(Probed {
        ok: finding.ok,
        ..Probed::default()
    });
    finding
}
