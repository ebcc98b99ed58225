//! Files as a snapshot has them, compared with those that are there: by size and by time.

use std::{
    collections::HashSet,
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use backup::{
    directory::{self, Pick},
    restic::Entry,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use types::backups::{Difference, FileChange, FilesPlan};

use super::super::restore::{Place, paths_of};

/// Differences that are told.
const TOLD: usize = 20;

/// What was compared.
#[derive(Debug, Default)]
pub struct Compared {
    /// How many files.
    pub files: usize,
    /// Files of the snapshot that are other ones now, or are not there.
    pub differing: Vec<(Entry, Difference)>,
    /// Files that the snapshot does not have.
    pub added: Vec<PathBuf>,
    /// There are more than were looked at.
    pub is_cut: bool,
}

/// Compares `entries` of a snapshot with what is there. Unless they are `cut`, what is there besides them is found as well,
/// among `most` files.
pub fn compare(entries: &[Entry], places: &[Place], is_cut: bool, most: usize) -> Compared {
    let mut compared = Compared {
        is_cut,
        ..Compared::default()
    };
    for entry in entries.iter().filter(|entry| !entry.is_folder()) {
        compared.files += 1;
        let difference = match std::fs::symlink_metadata(&entry.path) {
            Err(_) => Difference::Missing,
            Ok(found) if is_same(entry, &found) => continue,
            Ok(_) => Difference::Changed,
        };
        compared.differing.push((entry.clone(), difference));
    }
    if is_cut {
        return compared;
    }
    let known: HashSet<&Path> = entries.iter().map(|entry| Path::new(&entry.path)).collect();
    let mut looked_at = 0;
    let mut open: Vec<PathBuf> = places.iter().flat_map(tops).collect();
    while let Some(path) = open.pop() {
        if looked_at == most {
            compared.is_cut = true;
            break;
        }
        looked_at += 1;
        match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => open.extend(below(&path)),
            Ok(_) if !known.contains(path.as_path()) => compared.added.push(path),
            _ => {}
        }
    }
    compared.added.sort();
    compared
}

/// What is replaced of a place, as it is there.
fn tops(place: &Place) -> Vec<PathBuf> {
    let is_kept = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(directory::KEPT)
    };
    match place.pick {
        Pick::All => below(&place.folder)
            .into_iter()
            .filter(|path| !is_kept(path))
            .collect(),
        Pick::Paths(_) => paths_of(std::slice::from_ref(place))
            .into_iter()
            .map(PathBuf::from)
            .collect(),
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn is_same(entry: &Entry, found: &Metadata) -> bool {
    if !entry.is_file() {
        // Of what has no contents it is enough that it is there and is no file.
        return !found.is_file();
    }
    let Ok(then) = OffsetDateTime::parse(&entry.mtime, &Rfc3339) else {
        return false;
    };
    // Some filesystems keep no nanoseconds.
    let now = i128::from(found.mtime()) * 1_000_000 + i128::from(found.mtime_nsec()) / 1_000;
    found.is_file()
        && found.len() == entry.size
        && then.unix_timestamp_nanos().div_euclid(1_000) == now
}

impl Compared {
    /// Tells it: how many of each kind, and some of them by name.
    pub fn tell(&self, plan: &mut FilesPlan) {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let of = |kind: Difference| {
            let all = self.differing.iter().filter(|(_, one)| *one == kind);
            count(all.count())
        };
        plan.compared = count(self.files);
        plan.changed = of(Difference::Changed);
        plan.missing = of(Difference::Missing);
        plan.added = count(self.added.len());
        plan.is_cut |= self.is_cut;
        let differing = self.differing.iter().map(|(entry, difference)| FileChange {
            path: entry.path.clone(),
            difference: *difference,
        });
        let added = self.added.iter().map(|path| FileChange {
            path: path.display().to_string(),
            difference: Difference::Added,
        });
        plan.differences = differing.chain(added).take(TOLD).collect();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn what_differs_is_told_by_how_it_does() {
        let folder =
            std::env::temp_dir().join(format!("ytops-compare-{:016x}", rand::random::<u64>()));
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::create_dir_all(folder.join(".ytops-restore-x/aside")).unwrap();
        std::fs::write(folder.join(".ytops-restore-x/aside/old"), "old").unwrap();
        let entry = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            let at = OffsetDateTime::from(path.metadata().unwrap().modified().unwrap());
            Entry {
                path: path.display().to_string(),
                kind: "file".to_owned(),
                size: text.len() as u64,
                mtime: at.format(&Rfc3339).unwrap(),
            }
        };
        let entries = [
            entry("same", "same"),
            entry("changed", "then"),
            entry("sub/gone", "then"),
        ];
        std::fs::write(folder.join("changed"), "and now").unwrap();
        std::fs::remove_file(folder.join("sub/gone")).unwrap();
        std::fs::write(folder.join("sub/new"), "since").unwrap();
        let place = Place {
            folder: folder.clone(),
            pick: Pick::All,
        };
        let places = std::slice::from_ref(&place);
        let mut plan = FilesPlan::default();
        compare(&entries, places, false, 100).tell(&mut plan);
        let told = (plan.compared, plan.changed, plan.missing, plan.added);
        assert_eq!(told, (3, 1, 1, 1), "{plan:?}");
        let named: Vec<_> = (plan.differences.iter())
            .map(|one| (one.path.rsplit('/').next().unwrap(), one.difference))
            .collect();
        assert_eq!(
            named,
            [
                ("changed", Difference::Changed),
                ("gone", Difference::Missing),
                ("new", Difference::Added),
            ]
        );
        // Of too many files it is said that there are more.
        assert!(compare(&entries, places, false, 2).is_cut);
        let cut = compare(&entries, places, true, 100);
        assert!(cut.added.is_empty() && cut.is_cut);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
