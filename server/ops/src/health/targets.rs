//! Where the checks ask, for the settings page.

use std::collections::BTreeMap;

use types::{
    Capability,
    health::{SETTABLE, Target},
};

use super::{
    TARGETS,
    candidate::Candidate,
    find::{self, Part},
    round::candidates,
    target,
};
use crate::{Actor, Ops, Outcome, secrets::Unreadable};

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
            found: if is_unreadable(&set, &part) {
                UNREADABLE.to_owned()
            } else {
                found(&part, &candidates)
            },
        })
        .collect())
}

/// What stands where an address was set by hand that can't be read.
pub(super) const UNREADABLE: &str = "the address set by hand can't be read: the console's key file is missing or another one; set it again";

fn found(part: &Part, candidates: &[Candidate]) -> String {
    find::find(part, candidates)
        .map(|candidate| {
            format!(
                "{}/{} at {}",
                candidate.project,
                candidate.service,
                find::addresses(part, candidate)[0]
            )
        })
        .unwrap_or_default()
}

/// The addresses that were set by hand, by check.
pub(super) type Set = BTreeMap<String, Result<String, Unreadable>>;

/// The addresses that were set by hand, opened.
pub(super) async fn stored(ops: &Ops) -> Outcome<Set> {
    let stored = stored_addresses(ops).await?;
    let open = |(name, sealed): (String, String)| {
        let opened = ops.seal.open_text(&place(&name), &sealed);
        (name, opened)
    };
    Ok(stored.into_iter().map(open).collect())
}

/// The same as they are stored.
pub(crate) async fn stored_addresses(ops: &Ops) -> Outcome<BTreeMap<String, String>> {
    Ok(store::settings::get(&ops.db, TARGETS).await?)
}

/// Where the address of a check stands, as [`crate::secrets::Seal`] is told.
pub(crate) fn place(check: &str) -> String {
    format!("setting.value/{TARGETS}/{check}")
}

/// The address set for `part`, if one is that can be read. What is stored was checked when it was set.
pub(super) fn parsed(set: &Set, part: &Part) -> Option<target::Target> {
    let address = set.get(part.name)?.as_ref().ok()?;
    target::Target::parse(part, address).ok()
}

/// True when an address was set for `part`, but does not open with the console's key.
pub(super) fn is_unreadable(set: &Set, part: &Part) -> bool {
    set.get(part.name).is_some_and(Result::is_err)
}
