//! Compose files on disk. The labels that name them are as trustworthy as the container that bears them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::OpenOptions,
    io::{ErrorKind, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    file::ComposeFile,
    merge::merge,
    node::Node,
    variables::{self, Variables},
};
use crate::{
    aside::{Asides, Late},
    outside::Container,
};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// How long the disk may take for one project.
const PATIENCE: Duration = Duration::from_secs(2);

/// `O_NONBLOCK`: opening a pipe that nobody writes to does not wait.
const NONBLOCK: i32 = 0o4000;

/// Where a project's files are.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The files as the labels name them.
    pub config_files: Vec<String>,
    /// The directory they are relative to.
    pub working_dir: String,
    /// The file of variables; empty for `.env` in `working_dir`.
    pub environment_file: String,
}

impl Place {
    /// The place that most containers of a project name, so that one impostor does not lead the others astray; of
    /// several named as often, that of the newest container.
    pub fn of(containers: &[&Container]) -> Self {
        let mut votes: BTreeMap<Self, (usize, Option<time::OffsetDateTime>)> = BTreeMap::new();
        for container in containers
            .iter()
            .filter(|container| !container.config_files.is_empty())
        {
            let place = Self {
                config_files: container.config_files.clone(),
                working_dir: container.working_dir.clone(),
                environment_file: container.environment_file.clone(),
            };
            let (count, newest) = votes.entry(place).or_default();
            *count += 1;
            *newest = (*newest).max(container.created_at);
        }
        votes
            .into_iter()
            .max_by_key(|(_, weight)| *weight)
            .map(|(place, _)| place)
            .unwrap_or_default()
    }

    /// The files' full paths.
    pub fn paths(&self) -> Vec<PathBuf> {
        let folder = Path::new(&self.working_dir);
        self.config_files
            .iter()
            .map(|file| folder.join(file))
            .collect()
    }
}

/// The files of every project as they were last read; cheap to clone.
#[derive(Clone, Default)]
pub struct Files {
    known: Arc<Mutex<BTreeMap<String, Known>>>,
    /// A disk that hangs costs one thread a project, however often it is asked.
    reading: Asides<String>,
    looking: Asides<Vec<PathBuf>>,
}

/// A project's file, or why there is none to compare with.
type Known = Arc<Result<ComposeFile, String>>;

impl Files {
    /// Reads the files of `project` anew.
    pub async fn read(&self, project: &str, place: Place) -> Known {
        let read = self
            .reading
            .run(project.to_owned(), PATIENCE, move || load(&place));
        let read = match read.await {
            Ok(read) => read,
            Err(Late::TimedOut) => {
                Err("The disk did not hand out the compose file in time.".to_owned())
            }
            Err(Late::StillWaiting) => {
                Err("The disk still does not hand out the compose file.".to_owned())
            }
        };
        let read = Arc::new(read);
        self.lock().insert(project.to_owned(), Arc::clone(&read));
        read
    }

    /// Whether all of `paths` are plain files; none where the disk does not say so in time.
    pub async fn are_there(&self, paths: Vec<PathBuf>) -> Option<bool> {
        let look = paths.clone();
        let looking = self.looking.run(paths, PATIENCE, move || {
            !look.is_empty() && look.iter().all(|path| path.is_file())
        });
        looking.await.ok()
    }

    /// The files of `project` as they were last read.
    pub fn last(&self, project: &str) -> Option<Known> {
        self.lock().get(project).cloned()
    }

    /// Forgets every project that is not among `projects`.
    pub fn keep_only(&self, projects: &BTreeSet<String>) {
        self.lock().retain(|name, _| projects.contains(name));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load(place: &Place) -> Result<ComposeFile, String> {
    let paths = place.paths();
    if paths.is_empty() {
        return Err("The containers do not say which compose file they are from.".to_owned());
    }
    let mut document = Node::Null;
    for path in &paths {
        let text = read(path)
            .map_err(|why| format!("{} can't be compared with: {why}.", path.display()))?;
        let node = Node::parse(&text)
            .map_err(|why| format!("{} can't be compared with: {why}.", path.display()))?;
        document = merge(document, node);
    }
    let folder = PathBuf::from(&place.working_dir);
    let variables = variables_of(place, &folder);
    let names = |path: &str| -> Option<BTreeSet<String>> {
        let text = read(&folder.join(path)).ok()?;
        Some(variables::parse(&text).into_keys().collect())
    };
    ComposeFile::read(&document, &variables, &names)
        .map_err(|why| format!("{} can't be compared with: {why}.", paths[0].display()))
}

fn variables_of(place: &Place, folder: &Path) -> Variables {
    let name = if place.environment_file.is_empty() {
        ".env"
    } else {
        &place.environment_file
    };
    // Without it every variable is unknown, which the comparison minds.
    read(&folder.join(name))
        .map(|text| variables::parse(&text))
        .unwrap_or_default()
}

/// The text of a plain file of bounded size, or a few words on why there is none.
fn read(path: &Path) -> Result<String, &'static str> {
    if !path.is_absolute() {
        return Err("its path is not absolute");
    }
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(NONBLOCK)
        .open(path)
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => "it is not there",
            ErrorKind::PermissionDenied => "the console may not read it",
            _ => "it can't be opened",
        })?;
    let kind = file.metadata().map_err(|_| "it can't be read")?;
    if !kind.is_file() {
        return Err("it is not a plain file");
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| "it can't be read")?;
    if bytes.len() as u64 > LARGEST {
        return Err("it is larger than 1 MiB");
    }
    String::from_utf8(bytes).map_err(|_| "it is not text")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    fn place(folder: &Path, files: &[&str]) -> Place {
        Place {
            config_files: files.iter().map(|&file| file.to_owned()).collect(),
            working_dir: folder.to_string_lossy().into_owned(),
            environment_file: String::new(),
        }
    }

    #[test]
    fn files_are_read_with_the_variables_beside_them() {
        let folder = std::env::temp_dir().join(format!("ytops-compose-{}", crate::trace_id()));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(
            folder.join("a.yaml"),
            "services: {a: {image: 'x:${TAG}', env_file: a.env}}",
        )
        .unwrap();
        std::fs::write(folder.join("b.yaml"), "services: {b: {image: y}}").unwrap();
        std::fs::write(folder.join(".env"), "TAG=7").unwrap();
        std::fs::write(folder.join("a.env"), "SECRET=x").unwrap();
        let read = load(&place(&folder, &["a.yaml", "b.yaml"])).unwrap();
        assert_eq!(read.services[0].image.as_deref(), Some("x:7"));
        assert_eq!(read.services[0].environment.as_ref().unwrap().len(), 1);
        assert_eq!(read.services[1].name, "b");
        std::fs::write(folder.join("a.yaml"), " ".repeat((1 << 20) + 1)).unwrap();
        assert!(
            load(&place(&folder, &["a.yaml"]))
                .unwrap_err()
                .contains("larger than 1 MiB")
        );
        std::fs::write(folder.join("a.yaml"), b"\xff\xfe").unwrap();
        assert!(
            load(&place(&folder, &["a.yaml"]))
                .unwrap_err()
                .contains("not text")
        );
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(
            load(&place(&folder, &["a.yaml"]))
                .unwrap_err()
                .contains("not there")
        );
    }

    #[test]
    fn labels_that_lead_astray_lead_nowhere() {
        let dev = Path::new("/dev");
        assert!(
            load(&place(dev, &["/dev/zero"]))
                .unwrap_err()
                .contains("not a plain file")
        );
        assert!(load(&place(dev, &["."])).unwrap_err().contains("can't be"));
        assert!(
            load(&place(Path::new(""), &["../../etc/shadow"]))
                .unwrap_err()
                .contains("not absolute")
        );
        let passwd = load(&place(Path::new("/"), &["/etc/passwd"])).unwrap_err();
        assert!(!passwd.contains("root"), "{passwd}");
        assert!(load(&Place::default()).unwrap_err().contains("do not say"));
    }

    #[test]
    fn the_place_is_what_most_containers_name() {
        let named = |file: &str| Container {
            config_files: vec![file.to_owned()],
            ..Container::default()
        };
        let containers = [named("/a"), named("/a"), named("/z"), Container::default()];
        let all: Vec<&Container> = containers.iter().collect();
        assert_eq!(Place::of(&all).config_files, ["/a"]);
        assert_eq!(Place::of(&[]), Place::default());
    }
}
