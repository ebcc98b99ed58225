//! The machine, read from /proc and by statvfs.

use std::{
    collections::HashSet,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures::future::{BoxFuture, join_all};
use ops::{
    aside::{self, Asides, Late},
    outside::{Filesystem, Host, Machine, Space},
};

/// How long one filesystem is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where Docker looks for its plugins, besides the user's own folder.
const PLUGINS: [&str; 5] = [
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
    "/root/.docker/cli-plugins",
];

type ReadSpace = Arc<dyn Fn(&Path) -> io::Result<Space> + Send + Sync>;

/// A Linux machine.
pub struct LinuxHost {
    data_paths: Vec<PathBuf>,
    read_space: ReadSpace,
    /// One thread a path.
    reading: Asides<PathBuf>,
}

impl LinuxHost {
    /// This machine, with `/` and `data_paths` as the places that data lies under. Paths that are not there are left
    /// out.
    pub fn new(data_paths: Vec<PathBuf>) -> Self {
        let mut paths = vec![PathBuf::from("/")];
        paths.extend(data_paths);
        Self {
            data_paths: paths,
            read_space: Arc::new(space),
            reading: Asides::default(),
        }
    }

    /// `None` where there is no such path.
    async fn filesystem(&self, path: PathBuf) -> Option<Filesystem> {
        let (read, asked) = (Arc::clone(&self.read_space), path.clone());
        let space = self
            .reading
            .run(path.clone(), PATIENCE, move || read(&asked));
        let space = match space.await {
            Ok(Ok(space)) => Ok(space),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => return None,
            Ok(Err(error)) => Err(error.kind().to_string()),
            Err(Late::TimedOut) => Err(format!(
                "the filesystem does not answer within {} s",
                PATIENCE.as_secs()
            )),
            Err(Late::StillWaiting) => Err("the filesystem still does not answer".to_owned()),
        };
        Some(Filesystem { path, space })
    }
}

impl Host for LinuxHost {
    fn machine(&self) -> BoxFuture<'_, Result<Machine, String>> {
        Box::pin(async {
            let read = || {
                let cpu = fs::read_to_string("/proc/cpuinfo")?;
                let memory = fs::read_to_string("/proc/meminfo")?;
                Ok((cpu, memory))
            };
            match aside::within(PATIENCE, read).await {
                Some(Ok((cpu, memory))) => machine(&cpu, &memory),
                Some(Err(error)) => {
                    let error: io::Error = error;
                    Err(format!("/proc can't be read: {error}"))
                }
                None => Err("/proc does not answer".to_owned()),
            }
        })
    }

    fn filesystems(&self, also: Vec<PathBuf>) -> BoxFuture<'_, Vec<Filesystem>> {
        let mut paths = self.data_paths.clone();
        paths.extend(also);
        let mut seen = HashSet::new();
        paths.retain(|path| seen.insert(path.clone()));
        Box::pin(async {
            let asked = paths.into_iter().map(|path| self.filesystem(path));
            join_all(asked).await.into_iter().flatten().collect()
        })
    }

    fn compose(&self) -> BoxFuture<'_, Option<PathBuf>> {
        let mut places: Vec<PathBuf> = PLUGINS.iter().map(PathBuf::from).collect();
        if let Some(home) = std::env::var_os("HOME") {
            places.insert(0, Path::new(&home).join(".docker/cli-plugins"));
        }
        if let Some(path) = std::env::var_os("PATH") {
            places.extend(std::env::split_paths(&path));
        }
        Box::pin(async move {
            let look = move || {
                places
                    .into_iter()
                    .map(|place| place.join("docker-compose"))
                    .find(|file| is_program(file))
            };
            aside::within(PATIENCE, look).await.flatten()
        })
    }
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn space(path: &Path) -> io::Result<Space> {
    let device = rustix::fs::stat(path)?.st_dev;
    let found = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(Space {
        device,
        size_bytes: bytes(found.f_blocks),
        used_bytes: bytes(found.f_blocks.saturating_sub(found.f_bfree)),
        available_bytes: bytes(found.f_bavail),
    })
}

/// Reads /proc/cpuinfo and /proc/meminfo.
fn machine(cpu: &str, memory: &str) -> Result<Machine, String> {
    let mut threads = 0;
    let mut cores = HashSet::new();
    let mut package = "";
    for (name, value) in cpu.lines().filter_map(|line| line.split_once(':')) {
        match name.trim() {
            "processor" => threads += 1,
            "physical id" => package = value.trim(),
            "core id" => {
                cores.insert((package, value.trim()));
            }
            _ => {}
        }
    }
    if threads == 0 {
        return Err("/proc/cpuinfo names no processor".to_owned());
    }
    let kib = |name: &str| {
        memory
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
            .ok_or_else(|| format!("/proc/meminfo tells no {name}"))
    };
    Ok(Machine {
        threads,
        cores: match u32::try_from(cores.len()) {
            Ok(0) | Err(_) => threads,
            Ok(cores) => cores,
        },
        memory_total_bytes: kib("MemTotal")?.saturating_mul(1024),
        memory_available_bytes: kib("MemAvailable")?.saturating_mul(1024),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use std::sync::{Mutex, mpsc};

    use super::*;

    const CPU: &str = "processor\t: 0\nphysical id\t: 0\ncore id\t\t: 0\n\n\
                       processor\t: 1\nphysical id\t: 0\ncore id\t\t: 0\n\n\
                       processor\t: 2\nphysical id\t: 1\ncore id\t\t: 0\n";
    const MEMORY: &str = "MemTotal:       131072 kB\nMemFree:  1 kB\nMemAvailable:   65536 kB\n";

    #[test]
    fn proc_is_read_and_what_is_not_there_is_named() {
        let found = machine(CPU, MEMORY).unwrap();
        assert_eq!((found.threads, found.cores), (3, 2));
        assert_eq!(found.memory_total_bytes, 128 << 20);
        assert_eq!(found.memory_available_bytes, 64 << 20);
        assert_eq!(
            machine("processor : 0\n", MEMORY).unwrap().cores,
            1,
            "without topology a thread is a core"
        );
        assert!(machine("", MEMORY).is_err());
        assert!(
            machine(CPU, "MemTotal: lots\n")
                .unwrap_err()
                .contains("MemTotal")
        );
    }

    #[tokio::test]
    async fn this_machine_is_read() {
        let host = LinuxHost::new(vec![PathBuf::from("/nowhere-at-all")]);
        let found = host.machine().await.unwrap();
        assert!(found.threads >= 1 && found.cores <= found.threads);
        assert!(found.memory_available_bytes <= found.memory_total_bytes);
        let filesystems = host
            .filesystems(vec![PathBuf::from("/"), PathBuf::from("/proc")])
            .await;
        let shown: Vec<_> = filesystems
            .iter()
            .map(|filesystem| filesystem.path.to_str().unwrap())
            .collect();
        assert_eq!(shown, ["/", "/proc"], "what is not there is left out");
        let root = filesystems[0].space.as_ref().unwrap();
        assert!(root.size_bytes >= root.used_bytes && root.size_bytes > 0);
    }

    // In real time: a paused clock would run out while the other filesystem's thread still starts.
    #[tokio::test]
    async fn a_filesystem_that_hangs_does_not_stall_the_others() {
        let (release, hang) = mpsc::channel::<()>();
        let hang = Mutex::new(hang);
        let mut host = LinuxHost::new(vec![PathBuf::from("/lost")]);
        host.read_space = Arc::new(move |path: &Path| {
            if path == Path::new("/lost") {
                let _ = hang.lock().unwrap().recv();
            }
            Ok(Space::default())
        });
        let filesystems = host.filesystems(Vec::new()).await;
        assert_eq!(filesystems[0].space, Ok(Space::default()));
        let reason = filesystems[1].space.clone().unwrap_err();
        assert_eq!(reason, "the filesystem does not answer within 2 s");
        let again = host.filesystems(Vec::new()).await;
        let reason = again[1].space.clone().unwrap_err();
        assert_eq!(reason, "the filesystem still does not answer");
        drop(release);
    }
}
