//! The charts of a host or of a service.

mod define;
mod lines;
mod marks;
mod windows;

use std::collections::BTreeSet;

use series::Thinned;
use store::samples::{hosts as stored_hosts, hosts::Host, series::Stored};
use types::{
    Capability, Error,
    charts::{Asked, Chart, Charts, Limit, Subject, View},
    health::Status,
    preflight::Thresholds,
    resources::SourceState,
    samples::StoredHost,
};

use self::{
    define::{Definition, LESS_TELLING, Limited, Most, OVERVIEW},
    windows::windows,
};
use super::{
    is_hidden, millis,
    points::{MOST_SERIES, Window, of_series},
    retention::kept,
};
use crate::{Actor, Ops, Outcome, deployment, preflight};

/// The charts of a subject over a range: what is stored, and what this console heard since.
///
/// # Errors
/// The actor may not see the stack; `Invalid` for the range or the number of points; there is no such host or service; the
/// database failed.
pub async fn charts(ops: &Ops, actor: &Actor, asked: &Asked) -> Outcome<Charts> {
    actor.may(Capability::SeeStack)?;
    let (window, before) = windows(asked, millis(ops.clock.now()))?;
    let own = ops.meters.own_host();
    let name = match &asked.subject {
        Subject::Host { name, .. } if !name.is_empty() => name.as_str(),
        _ => &own,
    };
    if let Subject::Service { project, service } = &asked.subject {
        must_see(ops, actor, project, service).await?;
    }
    let hosts = stored_hosts::list(&ops.db).await?;
    let host = hosts.iter().find(|host| host.name == name);
    if host.is_none() && name != &*own {
        return Err(Error::not_found("host").into());
    }
    let charts = match host {
        Some(host) => read(ops, actor, asked, host, window, before).await?,
        None => Vec::new(),
    };
    let only = match &asked.subject {
        Subject::Host { .. } => None,
        Subject::Service { project, service } => Some((project.as_str(), service.as_str())),
    };
    let mut marks = if name == &*own {
        marks::marks(ops, actor, only, window.from, window.to).await?
    } else {
        Vec::new()
    };
    // A service is told of errors of GPUs where it uses one.
    let uses_gpus = matches!(asked.subject, Subject::Host { .. })
        || charts
            .iter()
            .any(|chart| chart.id == define::GPU_PROCESSES_ID);
    if let Some(host) = host.filter(|_| uses_gpus) {
        let of = if name == &*own { "" } else { name };
        let errors = marks::of_gpus(ops, host.id, of, window.from, window.to).await?;
        marks = marks::merged(marks, errors);
    }
    if name == &*own {
        let within = (window.from, window.to);
        let backups = marks::of_backups(ops, actor, only, within, &marks).await?;
        marks = marks::merged(marks, backups);
    }
    let stored_until = host.map(|host| host.stored_until).filter(|at| *at > 0);
    Ok(Charts {
        host: name.to_owned(),
        own: own.to_string(),
        from: window.from,
        to: window.to,
        newest: stored_until.max(ops.meters.newest(name)),
        charts,
        marks,
        unreadable: unreadable(ops, actor, &asked.subject, name).await?,
        hosts: (hosts.into_iter())
            .map(|host| StoredHost {
                newest: Some(host.stored_until)
                    .filter(|at| *at > 0)
                    .max(ops.meters.newest(&host.name)),
                name: host.name,
            })
            .collect(),
    })
}

/// The actor sees this service.
async fn must_see(ops: &Ops, actor: &Actor, project: &str, service: &str) -> Outcome<()> {
    let stack = deployment::stack(ops, actor).await?;
    let mut services = stack.projects.iter().flat_map(|project| &project.services);
    if services.any(|one| one.project == project && one.name == service) {
        Ok(())
    } else {
        Err(Error::not_found("service").into())
    }
}

/// The charts themselves.
async fn read(
    ops: &Ops,
    actor: &Actor,
    asked: &Asked,
    host: &Host,
    window: Window,
    before: Option<Window>,
) -> Outcome<Vec<Chart>> {
    let definitions = match &asked.subject {
        Subject::Host { view, .. } => define::of_host(*view),
        Subject::Service { .. } => define::OF_SERVICE,
    };
    let names: BTreeSet<&str> = definitions.iter().flat_map(Definition::names).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let since = before.map_or(window.from, |before| before.from);
    let mut series = store::samples::series::named(&ops.db, host.id, &names, since).await?;
    series.retain(|stored| is_meant(&asked.subject, actor, definitions, stored));
    // Those that are there come before those that went.
    series.sort_by_key(|stored| (stored.ended_at.is_some(), stored.id));
    series.truncate(MOST_SERIES);
    let keep = kept(ops).await?;
    let now = of_series(ops, host, &series, window, &keep).await?;
    let earlier = match before {
        Some(before) => Some(of_series(ops, host, &series, before, &keep).await?),
        None => None,
    };
    let thresholds = preflight::thresholds(ops, actor).await?;
    let containers: BTreeSet<&str> = (series.iter())
        .filter_map(|stored| stored.series.key.attributes.get("container.name"))
        .map(String::as_str)
        .collect();
    let drawing = Drawing {
        series: &series,
        now: &now,
        before: earlier
            .as_deref()
            .map(|points| (points, i64::from(asked.before_s) * 1_000)),
        thresholds: &thresholds,
        names_containers: !matches!(asked.subject, Subject::Service { .. }) || containers.len() > 1,
    };
    let mut charts: Vec<Chart> = definitions
        .iter()
        .filter_map(|one| drawing.chart(one))
        .collect();
    if matches!(
        &asked.subject,
        Subject::Host {
            view: View::Overview,
            ..
        }
    ) {
        for id in LESS_TELLING {
            if charts.len() > OVERVIEW {
                charts.retain(|chart| chart.id != id);
            }
        }
    }
    Ok(charts)
}

/// The series is one of a chart, or what a chart goes by, and the actor may see it. Of a service that the actor sees, so
/// are its containers.
fn is_meant(subject: &Subject, actor: &Actor, definitions: &[Definition], stored: &Stored) -> bool {
    let attributes = &stored.series.key.attributes;
    let has = |name: &str, value: &str| attributes.get(name).is_some_and(|own| own == value);
    let is_seen = match subject {
        Subject::Host { .. } => !is_hidden(actor, &stored.series),
        Subject::Service { project, service } => {
            has("service.namespace", project) && has("service.name", service)
        }
    };
    let is_drawn = |chart: &Definition| {
        let name = stored.series.key.name.as_str();
        lines::shows(chart, stored)
            || matches!(chart.most, Most::Of(most) if most == name)
            || matches!(chart.limit, Limited::By(limit) if limit == name)
    };
    is_seen && definitions.iter().any(is_drawn)
}

/// What charts are drawn of.
struct Drawing<'a> {
    series: &'a [Stored],
    now: &'a [Thinned],
    before: Option<(&'a [Thinned], i64)>,
    thresholds: &'a Thresholds,
    names_containers: bool,
}

impl Drawing<'_> {
    /// A chart; `None` where there is nothing to show.
    fn chart(&self, definition: &Definition) -> Option<Chart> {
        let chosen = lines::choose(definition, self.series, self.names_containers);
        let (lines, left_out) = lines::lines(chosen, self.series, self.now, self.before);
        let first = lines.first()?;
        let unit = self.series.iter().find(|stored| stored.id == first.id);
        Some(Chart {
            id: definition.id.to_owned(),
            title: definition.title.to_owned(),
            unit: unit
                .map(|stored| stored.series.unit.clone())
                .unwrap_or_default(),
            is_stacked: definition.is_stacked,
            most: match definition.most {
                Most::Open => None,
                Most::One => Some(1.0),
                Most::Of(name) => self.newest(name).into_iter().reduce(f64::max),
            },
            limits: self.limits(definition.limit),
            lines,
            left_out,
        })
    }

    fn limits(&self, limit: Limited) -> Vec<Limit> {
        let threshold = |value: f64| Limit {
            value,
            label: format!("threshold {} %", (value * 1_000.0).round() / 10.0),
            status: Status::Warning,
        };
        match limit {
            Limited::No => Vec::new(),
            Limited::Cpu => vec![threshold(self.thresholds.max_cpu_usage)],
            Limited::Disk => vec![threshold(self.thresholds.max_disk_usage)],
            Limited::Memory => vec![threshold(self.thresholds.max_memory_usage)],
            Limited::Response => vec![Limit {
                value: self.thresholds.max_response_ms / 1_000.0,
                label: format!("threshold {} ms", self.thresholds.max_response_ms.round()),
                status: Status::Warning,
            }],
            Limited::By(name) => {
                let mut values = self.newest(name);
                values.sort_by(f64::total_cmp);
                values.dedup();
                let limits = values.into_iter().map(|value| Limit {
                    value,
                    label: "limit".to_owned(),
                    status: Status::Warning,
                });
                limits.take(lines::MOST_LINES).collect()
            }
        }
    }

    /// The newest values in the range of the series of this name.
    fn newest(&self, name: &str) -> Vec<f64> {
        let all = self.series.iter().zip(self.now);
        let named = all.filter(|(stored, _)| stored.series.key.name == name);
        named
            .filter_map(|(_, points)| Some(points.points.last()?.avg))
            .collect()
    }
}

/// What can't be read of what is shown.
async fn unreadable(
    ops: &Ops,
    actor: &Actor,
    subject: &Subject,
    host: &str,
) -> Outcome<Vec<SourceState>> {
    let states = ops.meters.states(host);
    let mut failing: Vec<SourceState> = (states.iter())
        .filter(|state| state.reason.is_some())
        .cloned()
        .collect();
    match subject {
        Subject::Host { view, .. } => {
            let sources = define::sources(*view);
            failing.retain(|state| {
                let source = state.source.as_str();
                let is_shown = sources.is_empty()
                    || sources.contains(&source)
                    || define::OF_ALL_SOURCES.contains(&source);
                let is_hidden =
                    actor.is_confined() && state.source == "container" && !state.device.is_empty();
                is_shown && !is_hidden
            });
        }
        Subject::Service { project, service } => {
            let all = deployment::containers(ops).await?;
            failing.retain(|state| {
                let mut own = all
                    .iter()
                    .filter(|one| one.project == *project && one.service == *service);
                state.source == "container"
                    && (state.device.is_empty() || own.any(|one| one.name == state.device))
            });
        }
    }
    Ok(failing)
}
