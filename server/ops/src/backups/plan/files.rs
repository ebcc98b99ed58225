//! What a restore of files would do.

use std::path::{Path, PathBuf};

use backup::{
    Error, Kind,
    directory::{self, Pick},
    restic::{Depth, Entry, Restic, Snapshot},
    space,
};
use store::backups::sets::Set;
use types::{
    Capability,
    backups::{FilesPlan, RestorePlan, SetKind},
};

use super::{
    super::{
        open,
        restore::{Place, paths_of, places, roots},
    },
    compare::{Compared, compare},
    diff,
};
use crate::{Actor, Ops, Outcome, aside};

/// Files that are compared.
const MOST: usize = 20_000;

/// How long the disk may take to tell of them.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Looks at the snapshot and at what is there.
///
/// # Errors
/// The console's database failed.
pub(super) async fn look(
    ops: &Ops,
    actor: &Actor,
    set: &Set,
    only: &[String],
    plan: &mut RestorePlan,
) -> Outcome<()> {
    let (restic, snapshot) = match open::files(ops, set, plan.backup.id).await? {
        Ok(found) => found,
        Err(error) => {
            plan.unknown = Some(error.message);
            return Ok(());
        }
    };
    let told = match told(&restic, &snapshot, only).await {
        Ok(told) => told,
        Err(error) if error.kind == Kind::NotFound => {
            plan.refused = Some(error.message);
            return Ok(());
        }
        Err(error) => {
            plan.unknown = Some(error.message);
            return Ok(());
        }
    };
    let mut files = FilesPlan {
        paths: paths_of(&told.places),
        is_cut: told.is_cut,
        ..FilesPlan::default()
    };
    plan.replaces = files.paths.join(", ");
    if let Some(bytes) = told.bytes() {
        plan.needs_bytes = bytes;
    }
    (files.mounted, files.restart) = mounts(ops, &told.places).await?;
    let (places, is_cut) = (told.places.clone(), told.is_cut);
    let look = move || at_disk(&told.entries, &places, is_cut);
    match aside::within(PATIENCE, look).await {
        Some(found) => {
            plan.free_bytes = found.free_bytes;
            if plan.not_in_place.is_none() {
                plan.not_in_place = found.not_writable;
            }
            // What the files hold is for those alone who may have it.
            let team = &set.settings.team;
            let may = actor.may_for_team(Capability::Restore, team, false).is_ok();
            if may && set.kind == SetKind::Config {
                let texts = diff::texts(&restic, &snapshot.id, &found.compared.differing).await;
                (files.texts, files.texts_left_out) = texts;
            }
            found.compared.tell(&mut files);
        }
        None => plan.unknown = Some("The disk takes too long to answer.".to_owned()),
    }
    plan.files = Some(files);
    Ok(())
}

/// What the snapshot tells.
struct Told {
    places: Vec<Place>,
    entries: Vec<Entry>,
    is_cut: bool,
}

impl Told {
    /// Bytes that a restore writes; none where not all of it was told.
    fn bytes(&self) -> Option<i64> {
        let bytes = self.entries.iter().map(|entry| entry.size).sum::<u64>();
        (!self.is_cut).then(|| i64::try_from(bytes).unwrap_or(i64::MAX))
    }
}

async fn told(restic: &Restic, snapshot: &Snapshot, only: &[String]) -> Result<Told, Error> {
    let roots = roots(restic, snapshot).await?;
    let places = places(&roots, only)?;
    let mut entries = Vec::new();
    let mut is_cut = false;
    restic
        .walk(&snapshot.id, &paths_of(&places), Depth::All, |entry| {
            is_cut = entries.len() == MOST;
            if !is_cut {
                entries.push(entry);
            }
            !is_cut
        })
        .await?;
    Ok(Told {
        places,
        entries,
        is_cut,
    })
}

/// What the disk tells.
struct Found {
    compared: Compared,
    free_bytes: Option<i64>,
    not_writable: Option<String>,
}

fn at_disk(entries: &[Entry], places: &[Place], is_cut: bool) -> Found {
    let free = places
        .iter()
        .filter_map(|place| space::free(&place.folder).ok());
    let least = free.map(|(free, _)| free).min();
    let writable = places
        .iter()
        .try_for_each(|place| directory::check_writable(&place.folder));
    Found {
        compared: compare(entries, places, is_cut, MOST),
        free_bytes: least.and_then(|free| i64::try_from(free).ok()),
        not_writable: writable.err().map(|error| error.message),
    }
}

/// The services that have some of it mounted, and those of them that have something mounted that is replaced itself: what
/// they have stays what it was, wherever a rename puts it.
async fn mounts(ops: &Ops, places: &[Place]) -> Outcome<(Vec<String>, Vec<String>)> {
    let paths: Vec<PathBuf> = paths_of(places).into_iter().map(PathBuf::from).collect();
    let (mut mounted, mut restart) = (Vec::new(), Vec::new());
    for container in crate::deployment::containers(ops).await? {
        for bind in container.mounts.iter().filter(|mount| mount.kind == "bind") {
            let source = Path::new(&bind.source);
            let touches = |path: &PathBuf| source.starts_with(path) || path.starts_with(source);
            if paths.iter().any(touches) {
                mounted.push(container.service.clone());
            }
            if places.iter().any(|place| is_replaced(source, place)) {
                restart.push(container.service.clone());
            }
        }
    }
    for list in [&mut mounted, &mut restart] {
        list.sort();
        list.dedup();
    }
    Ok((mounted, restart))
}

/// Whether something of a place is replaced itself, and not what is in it alone.
fn is_replaced(source: &Path, place: &Place) -> bool {
    match &place.pick {
        Pick::All => source != place.folder && source.starts_with(&place.folder),
        Pick::Paths(names) => {
            (names.iter()).any(|name| source.starts_with(place.folder.join(name)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_mounted_stays_and_what_is_in_it_is_replaced() {
        let place = |pick| Place {
            folder: PathBuf::from("/opt/shop"),
            pick,
        };
        let all = place(Pick::All);
        let some = place(Pick::Paths(vec!["nginx".to_owned()]));
        for (source, of_all, of_some) in [
            ("/opt", false, false),
            ("/opt/shop", false, false),
            ("/opt/shop/nginx", true, true),
            ("/opt/shop/nginx/nginx.conf", true, true),
            ("/opt/shop/data", true, false),
        ] {
            let source = Path::new(source);
            let found = (is_replaced(source, &all), is_replaced(source, &some));
            assert_eq!(found, (of_all, of_some), "{}", source.display());
        }
    }
}
