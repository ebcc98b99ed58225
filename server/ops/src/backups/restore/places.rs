//! Which folders a restore of files changes, and what of each.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use backup::{
    Error, Kind,
    directory::Pick,
    restic::{Depth, Restic, Snapshot},
};
use serde::{Deserialize, Serialize};

/// A folder, and what of it is restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// By its whole path.
    pub folder: PathBuf,
    /// All of it, or entries.
    pub pick: Pick,
}

/// A path that a set names, as its snapshot has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// By its whole path.
    pub path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// The paths that a snapshot was made of, those that lie in others left out.
///
/// # Errors
/// Those of the repository.
pub async fn roots(restic: &Restic, snapshot: &Snapshot) -> Result<Vec<Root>, Error> {
    let mut found: Vec<Root> = Vec::new();
    restic
        .walk(&snapshot.id, &snapshot.paths, Depth::One, |entry| {
            if snapshot.paths.contains(&entry.path) {
                found.push(Root {
                    is_folder: entry.is_folder(),
                    path: entry.path,
                });
            }
            true
        })
        .await?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    let all = found.clone();
    found.retain(|one| {
        !all.iter()
            .any(|other| *other != *one && is_in(&one.path, other))
    });
    Ok(found)
}

/// Whether a path is a root, or lies in it.
pub fn is_in(path: &str, root: &Root) -> bool {
    path == root.path || root.is_folder && Path::new(path).starts_with(&root.path)
}

/// The places of what is picked of a snapshot: all of it where `only` is empty.
///
/// # Errors
/// [`Kind::NotFound`] where a path lies in no root.
pub fn places(roots: &[Root], only: &[String]) -> Result<Vec<Place>, Error> {
    let mut whole: Vec<PathBuf> = Vec::new();
    let mut picked: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    let all: Vec<String> = roots.iter().map(|root| root.path.clone()).collect();
    let wanted = if only.is_empty() { &all } else { only };
    for path in wanted {
        let root = roots
            .iter()
            .find(|root| is_in(path, root))
            .ok_or_else(|| Error {
                kind: Kind::NotFound,
                message: format!("The backup does not have {path}."),
                detail: String::new(),
            })?;
        let path = Path::new(path);
        if root.is_folder && path == Path::new(&root.path) {
            whole.push(path.to_owned());
            continue;
        }
        // A file that a set names is restored within the folder that it is in.
        let folder = if root.is_folder {
            Path::new(&root.path)
        } else {
            path.parent().unwrap_or(Path::new("/"))
        };
        let name = path.strip_prefix(folder).unwrap_or(path);
        let names = picked.entry(folder.to_owned()).or_default();
        names.push(name.display().to_string());
    }
    let whole = whole.into_iter().map(|folder| Place {
        folder,
        pick: Pick::All,
    });
    let mut places: Vec<Place> = whole.collect();
    for (folder, mut names) in picked {
        if places.iter().any(|place| place.folder == folder) {
            continue;
        }
        names.sort();
        names.dedup();
        let pick = Pick::Paths(outermost(&names));
        places.push(Place { folder, pick });
    }
    places.sort_by(|a, b| a.folder.cmp(&b.folder));
    places.dedup();
    Ok(places)
}

/// Those that lie in none of the others.
fn outermost(names: &[String]) -> Vec<String> {
    let lies_in = |name: &str, other: &String| name != other && Path::new(name).starts_with(other);
    let mut outer = names.to_vec();
    outer.retain(|name| !names.iter().any(|other| lies_in(name, other)));
    outer
}

/// What of a snapshot a place is made of, by whole paths.
pub fn paths_of(places: &[Place]) -> Vec<String> {
    let of = |place: &Place| match &place.pick {
        Pick::All => vec![place.folder.display().to_string()],
        Pick::Paths(names) => (names.iter())
            .map(|name| place.folder.join(name).display().to_string())
            .collect(),
    };
    places.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    fn config() -> Vec<Root> {
        [
            ("/opt/shop/.env", false),
            ("/opt/shop/compose.yaml", false),
            ("/opt/shop/nginx", true),
        ]
        .map(|(path, is_folder)| Root {
            path: path.to_owned(),
            is_folder,
        })
        .to_vec()
    }

    fn place(folder: &str, names: &[&str]) -> Place {
        Place {
            folder: PathBuf::from(folder),
            pick: Pick::Paths(names.iter().map(|name| (*name).to_owned()).collect()),
        }
    }

    #[test]
    fn files_are_restored_within_the_folder_that_they_are_in() {
        let found = places(&config(), &[]).unwrap();
        let nginx = Place {
            folder: PathBuf::from("/opt/shop/nginx"),
            pick: Pick::All,
        };
        assert_eq!(
            found,
            [place("/opt/shop", &[".env", "compose.yaml"]), nginx]
        );
        assert_eq!(
            paths_of(&found),
            [
                "/opt/shop/.env",
                "/opt/shop/compose.yaml",
                "/opt/shop/nginx"
            ]
        );
    }

    #[test]
    fn what_is_picked_is_restored_within_its_root() {
        let only = |paths: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
            places(&config(), &paths)
        };
        let found = only(&["/opt/shop/nginx/sites/a", "/opt/shop/nginx/sites"]).unwrap();
        assert_eq!(found, [place("/opt/shop/nginx", &["sites"])]);
        let found = only(&["/opt/shop/nginx", "/opt/shop/nginx/sites"]).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        for outside in [
            "/opt/shop",
            "/opt/shop/.env.old",
            "/opt/shop/.env/x",
            "/etc",
        ] {
            assert_eq!(only(&[outside]).unwrap_err().kind, Kind::NotFound);
        }
    }
}
