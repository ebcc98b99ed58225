//! Where the checks ask, for the settings page.

use std::collections::BTreeMap;

use types::{
    Capability,
    health::{SETTABLE, Target},
};

use super::{
    TARGETS,
    find::{self, Part},
    round::candidates,
    target,
};
use crate::{Actor, Ops, Outcome};

/// For every check whose address can be set: what was set, its password masked, and what is found by itself.
///
/// # Errors
/// The actor may not manage settings; the database failed.
pub async fn targets(ops: &Ops, actor: &Actor) -> Outcome<Vec<Target>> {
    actor.may(Capability::Manage)?;
    let set = stored(ops).await?;
    let candidates = candidates(ops).await?;
    let parts = SETTABLE.iter().filter_map(|name| find::part(name));
    Ok(parts
        .map(|part| Target {
            name: part.name.to_owned(),
            url: parsed(&set, &part)
                .map(|target| target.masked())
                .unwrap_or_default(),
            found: find::find(&part, &candidates)
                .map(|candidate| {
                    format!(
                        "{}/{} at {}",
                        candidate.project,
                        candidate.service,
                        find::addresses(&part, candidate)[0]
                    )
                })
                .unwrap_or_default(),
        })
        .collect())
}

/// The addresses as they are stored.
pub(super) async fn stored(ops: &Ops) -> Outcome<BTreeMap<String, String>> {
    Ok(store::settings::get(&ops.db, TARGETS).await?)
}

/// The address set for `part`, if one is. What is stored was checked when it was set.
pub(super) fn parsed(set: &BTreeMap<String, String>, part: &Part) -> Option<target::Target> {
    target::Target::parse(part, set.get(part.name)?).ok()
}
