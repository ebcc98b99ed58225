//! Where the cgroup of a container lies.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// How deep, and how many folders in all, are looked through.
const DEPTH: usize = 8;
const FOLDERS: usize = 5_000;

/// The pauses between two searches of the whole tree while something is not found.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The two layouts of cgroups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// A tree for each controller.
    V1,
    /// One tree.
    V2,
}

/// Finds cgroups by container id.
#[derive(Debug)]
pub(crate) struct Finder {
    root: PathBuf,
    /// Names in which containers were found: the folder, and what stands before and after the id.
    patterns: Vec<(PathBuf, String, String)>,
    search_at: Duration,
    pause: Duration,
}

impl Finder {
    pub(crate) fn new(root: PathBuf) -> Self {
        let pattern = |folder: &str, before: &str, after: &str| {
            (PathBuf::from(folder), before.to_owned(), after.to_owned())
        };
        Self {
            root,
            patterns: vec![
                pattern("system.slice", "docker-", ".scope"),
                pattern("docker", "", ""),
            ],
            search_at: Duration::ZERO,
            pause: FIRST_PAUSE,
        }
    }

    /// Which layout is mounted.
    ///
    /// # Errors
    /// None is, and why that matters: a sentence.
    pub(crate) fn version(&self) -> Result<Version, String> {
        let controllers = fs::read_to_string(self.root.join("cgroup.controllers"));
        if controllers.is_ok_and(|controllers| !controllers.trim().is_empty()) {
            Ok(Version::V2)
        } else if self.controller("memory").is_some() || self.controller("cpuacct").is_some() {
            Ok(Version::V1)
        } else {
            let root = self.root.display();
            Err(format!(
                "No cgroups are mounted under {root}: figures of containers come from the Docker Engine alone."
            ))
        }
    }

    /// The tree of a controller of version 1.
    pub(crate) fn controller(&self, name: &str) -> Option<PathBuf> {
        let joint = match name {
            "cpu" | "cpuacct" => "cpu,cpuacct",
            _ => name,
        };
        let folders = [name, joint].map(|name| self.root.join(name));
        folders.into_iter().find(|folder| folder.is_dir())
    }

    /// The tree that is searched.
    pub(crate) fn tree(&self, version: Version) -> Option<PathBuf> {
        match version {
            Version::V2 => Some(self.root.clone()),
            Version::V1 => ["memory", "cpuacct"]
                .into_iter()
                .find_map(|name| self.controller(name)),
        }
    }

    /// Containers came or went: the next search does not wait.
    pub(crate) fn hurry(&mut self) {
        self.search_at = Duration::ZERO;
        self.pause = FIRST_PAUSE;
    }

    /// The cgroups of those of `ids` that have one, as paths under the tree.
    pub(crate) fn find<'a>(
        &mut self,
        tree: &Path,
        ids: &[&'a str],
        now: Duration,
    ) -> HashMap<&'a str, PathBuf> {
        let mut found = HashMap::new();
        for id in ids.iter().copied().filter(|id| is_id(id)) {
            let mut places = self.patterns.iter();
            let place = places.find_map(|(folder, before, after)| {
                let place = folder.join(format!("{before}{id}{after}"));
                tree.join(&place).is_dir().then_some(place)
            });
            if let Some(place) = place {
                found.insert(id, place);
            }
        }
        if found.len() < ids.len() && now >= self.search_at {
            let missing = ids.iter().copied().filter(|id| !found.contains_key(id));
            let missing: HashSet<&str> = missing.collect();
            self.search(tree, &missing, &mut found);
            self.search_at = now + self.pause;
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        }
        found
    }

    fn search<'a>(
        &mut self,
        tree: &Path,
        missing: &HashSet<&'a str>,
        found: &mut HashMap<&'a str, PathBuf>,
    ) {
        let mut folders = vec![(PathBuf::new(), 0)];
        let mut looked = 0;
        while let Some((folder, depth)) = folders.pop() {
            // A folder that vanished meanwhile has nothing in it.
            let Ok(entries) = fs::read_dir(tree.join(&folder)) else {
                continue;
            };
            for entry in entries.flatten() {
                if looked >= FOLDERS || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    continue;
                }
                looked += 1;
                let name = entry.file_name();
                let Some(name) = name.to_str() else { continue };
                let place = folder.join(name);
                let id = id_in(name.as_bytes()).and_then(|id| missing.get(id));
                if let Some(id) = id {
                    self.learn(&folder, name, id);
                    found.insert(id, place);
                } else if depth < DEPTH {
                    folders.push((place, depth + 1));
                }
            }
        }
    }

    fn learn(&mut self, folder: &Path, name: &str, id: &str) {
        let Some((before, after)) = name.split_once(id) else {
            return;
        };
        let pattern = (folder.to_owned(), before.to_owned(), after.to_owned());
        // A folder of its own for each container would only make the list long.
        if self.patterns.len() < 8 && !self.patterns.contains(&pattern) {
            self.patterns.push(pattern);
        }
    }
}

/// A container's id as the engine gives it: 64 hexadecimal digits.
fn is_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The first id in `text`, such as in `docker-<id>.scope` or in a line of /proc/<pid>/cgroup.
pub(crate) fn id_in(text: &[u8]) -> Option<&str> {
    let mut runs = text.split(|byte| !byte.is_ascii_hexdigit());
    std::str::from_utf8(runs.find(|run| run.len() == 64)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_every_kind_of_name() {
        let id = "3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73";
        let names = [
            id.to_owned(),
            format!("docker-{id}.scope"),
            format!("cri-containerd-{id}.scope"),
            format!("4:memory:/docker/{id}/init\n0::/"),
        ];
        for name in names {
            assert_eq!(id_in(name.as_bytes()), Some(id), "{name}");
        }
        assert_eq!(
            id_in(format!("{id}0").as_bytes()),
            None,
            "longer than an id"
        );
        assert!(!is_id("../../etc"));
    }
}
