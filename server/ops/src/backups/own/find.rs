//! Which backup in a repository is of a console's own database.

use backup::{
    Error, Kind,
    postgres::{self, Details, Stored},
    restic::{Filter, Restic},
};

use super::fault;

/// Tables that every console's database has, and hardly another.
const TABLES: [&str; 3] = ["_sqlx_migrations", "audit", "change_head"];

/// Whether what was backed up is a console's database.
fn is_consoles(details: &Details) -> bool {
    let relations = &details.manifest.relations;
    let has = |table: &str| {
        relations
            .iter()
            .any(|relation| relation.schema == "public" && relation.name == table)
    };
    TABLES.iter().all(|table| has(table))
}

/// The newest backup of a console's database; of several consoles' the one of this name.
pub(super) async fn latest(restic: &Restic, name: &str) -> Result<(Stored, Details), Error> {
    let mut all = postgres::stored(restic, &Filter::default()).await?;
    all.retain(Stored::is_complete);
    let set = |stored: &Stored| {
        let snapshot = stored.details.as_ref();
        snapshot
            .and_then(|snapshot| snapshot.tag("set"))
            .map(str::to_owned)
    };
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for stored in all.into_iter().rev() {
        let set = set(&stored);
        if seen.contains(&set) {
            continue;
        }
        let details = stored.details(restic).await?;
        seen.push(set);
        if is_consoles(&details) {
            found.push((stored, details));
        }
    }
    if found.len() > 1 {
        let is_named = |(_, details): &(Stored, Details)| details.manifest.database.name == name;
        if found.iter().filter(|one| is_named(one)).count() == 1 {
            found.retain(is_named);
        }
    }
    let first = found.pop();
    if !found.is_empty() {
        return Err(fault(
            Kind::Invalid,
            "The repository has backups of several consoles. Name one of them: --from SNAPSHOT; restic snapshots lists them.",
        ));
    }
    first.ok_or_else(|| {
        fault(
            Kind::NotFound,
            "The repository has no finished backup of a console's database.",
        )
    })
}

/// The backup of that identity, or to which a snapshot belongs.
pub(super) async fn named(restic: &Restic, what: &str) -> Result<(Stored, Details), Error> {
    let is_of = |snapshot: &Option<backup::restic::Snapshot>| {
        let id = snapshot.as_ref().map(|snapshot| snapshot.id.to_string());
        what.len() >= 8 && id.is_some_and(|id| id.starts_with(what))
    };
    let all = postgres::stored(restic, &Filter::default()).await?;
    let stored = all
        .into_iter()
        .find(|one| one.id == what || is_of(&one.dump) || is_of(&one.details))
        .ok_or_else(|| {
            fault(
                Kind::NotFound,
                format!("The repository has no backup of a database with the snapshot {what}."),
            )
        })?;
    let details = stored.details(restic).await?;
    if is_consoles(&details) {
        return Ok((stored, details));
    }
    Err(fault(
        Kind::Invalid,
        format!(
            "That is a backup of the database {}, which is no console's.",
            details.manifest.database.name
        ),
    ))
}
