//! What a plan can be made for.

use store::backups::sets::{self, Set};
use types::{
    Capability, Error,
    access::DEFAULT_TEAM,
    backups::SetKind,
    runbooks::{Plan, RTO_S, Subject},
};

use crate::{Actor, Ops, Outcome};

/// A backup set that a plan restores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its number.
    pub id: i64,
    /// What it holds.
    pub kind: SetKind,
    /// Its name.
    pub name: String,
}

/// What a plan is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Of {
    /// How forms name it.
    pub value: String,
    /// What people call it.
    pub name: String,
    /// The compose project; empty for what is of none.
    pub project: String,
    /// The service, where it is one.
    pub service: String,
    /// The team that owns it.
    pub team: String,
    /// The longest that a recovery may take, in seconds.
    pub rto_s: i64,
    /// What is restored.
    pub parts: Vec<Part>,
}

/// What each of the plans can be made for, by name, as far as the actor sees it.
///
/// # Errors
/// The actor may not see the stack; the database failed.
pub(super) async fn all(ops: &Ops, actor: &Actor, plan: Plan) -> Outcome<Vec<Of>> {
    actor.may(Capability::SeeStack)?;
    let mut found = match plan {
        Plan::DatabaseCorruption => of_sets(ops, |set| set.kind.is_database()).await?,
        Plan::DataLoss => of_sets(ops, |_| true).await?,
        Plan::ServiceFailure => services(ops).await?,
        Plan::CompleteFailure => projects(ops).await?,
    };
    found.retain(|of| actor.sees_team(&of.team));
    Ok(found)
}

/// What `value` names.
///
/// # Errors
/// As [`all`]; there is no such thing any more.
pub(super) async fn find(ops: &Ops, actor: &Actor, plan: Plan, value: &str) -> Outcome<Of> {
    let all = all(ops, actor, plan).await?;
    all.into_iter()
        .find(|of| of.value == value)
        .ok_or_else(|| Error::field("of", "Choose what is to be recovered.").into())
}

impl From<&Of> for Subject {
    fn from(of: &Of) -> Self {
        Self {
            value: of.value.clone(),
            name: of.name.clone(),
            team: of.team.clone(),
        }
    }
}

/// Sets that can be restored from here: all but the console's own database. One whose source is gone is among them, for that
/// is what was lost.
async fn restorable(ops: &Ops) -> Outcome<Vec<Set>> {
    let own = ops.db.connect_options().get_database().map(str::to_owned);
    let is_own =
        |set: &Set| set.kind == SetKind::Console && Some(set.database.as_str()) == own.as_deref();
    let mut all = sets::list(&ops.db, None).await?;
    all.retain(|set| !is_own(set));
    Ok(all)
}

fn part(set: &Set) -> Part {
    Part {
        id: set.id,
        kind: set.kind,
        name: set.settings.name.clone(),
    }
}

async fn of_sets(ops: &Ops, is_meant: impl Fn(&Set) -> bool) -> Outcome<Vec<Of>> {
    let all = restorable(ops).await?;
    let meant = all.iter().filter(|set| is_meant(set)).map(|set| Of {
        value: format!("set {}", set.id),
        name: set.settings.name.clone(),
        project: set.project.clone(),
        service: set.service.clone(),
        team: set.settings.team.clone(),
        rto_s: set.settings.rto_s.into(),
        parts: vec![part(set)],
    });
    Ok(meant.collect())
}

async fn services(ops: &Ops) -> Outcome<Vec<Of>> {
    let stack = ops.stack.snapshot(ops).await?.stack;
    let all = stack.projects.iter().flat_map(|project| &project.services);
    let all = all.map(|service| Of {
        value: format!("service {}/{}", service.project, service.name),
        name: format!("{}/{}", service.project, service.name),
        project: service.project.clone(),
        service: service.name.clone(),
        team: service.team.clone(),
        rto_s: RTO_S,
        parts: Vec::new(),
    });
    Ok(all.collect())
}

async fn projects(ops: &Ops) -> Outcome<Vec<Of>> {
    let sets = restorable(ops).await?;
    let all = store::projects::all(&ops.db).await?;
    let all = all.into_iter().map(|project| Of {
        value: format!("project {}", project.name),
        parts: (sets.iter())
            .filter(|set| set.project == project.name)
            .map(part)
            .collect(),
        name: project.name.clone(),
        project: project.name,
        service: String::new(),
        team: DEFAULT_TEAM.to_owned(),
        rto_s: RTO_S,
    });
    Ok(all.collect())
}
