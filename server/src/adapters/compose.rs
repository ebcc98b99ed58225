//! The compose program, run as a child without a shell.

use std::{collections::VecDeque, process::Stdio, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use ops::outside::{Compose, ComposeProject, ComposeRefused, Host};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};

/// How long it may take: images may have to be fetched.
const PATIENCE: Duration = Duration::from_mins(15);

/// As much of the end of what it says is kept, in bytes.
const KEPT: usize = 32 << 10;

/// What of the console's environment it sees: never its secrets.
const PASSED: [&str; 9] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The compose plugin or the stand-alone program of this machine.
pub struct DockerCompose {
    host: Arc<dyn Host>,
    docker_host: Option<String>,
}

impl DockerCompose {
    /// The one that `host` finds, on the engine at `docker_host`, or the usual one.
    pub fn new(host: Arc<dyn Host>, docker_host: Option<String>) -> Self {
        Self { host, docker_host }
    }

    async fn run(&self, project: &ComposeProject, service: &str) -> Result<String, ComposeRefused> {
        let Some(program) = self.host.compose().await else {
            return Err(refused(
                "Neither docker compose nor docker-compose was found. Install it: apt-get install docker-compose.",
                String::new(),
            ));
        };
        let mut command = Command::new(&program);
        command
            .args(project.up(service))
            .current_dir(&project.folder)
            .env_clear()
            .envs(
                PASSED
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(docker_host) = &self.docker_host {
            command.env("DOCKER_HOST", docker_host);
        }
        let mut child = command.spawn().map_err(|error| {
            let why = format!("{} can't be started: {error}.", program.display());
            refused(&why, String::new())
        })?;
        let group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
        let (out, err) = (tail(child.stdout.take()), tail(child.stderr.take()));
        let ended = tokio::time::timeout(PATIENCE, async {
            let (out, err, status) = tokio::join!(out, err, child.wait());
            (format!("{out}{err}"), status)
        });
        let Ok((said, status)) = Box::pin(ended).await else {
            let why = format!(
                "Compose did not end within {} minutes.",
                PATIENCE.as_secs() / 60
            );
            return Err(refused(&why, String::new()));
        };
        // It was waited for: its number may be another's from here on.
        group.forget();
        match status {
            Ok(status) if status.success() => Ok(said),
            Ok(status) => Err(refused(&failure(&said, status), said)),
            Err(error) => Err(refused(
                &format!("Compose can't be waited for: {error}."),
                said,
            )),
        }
    }
}

impl Compose for DockerCompose {
    fn up<'a>(
        &'a self,
        project: &'a ComposeProject,
        service: &'a str,
    ) -> BoxFuture<'a, Result<String, ComposeRefused>> {
        Box::pin(self.run(project, service))
    }
}

fn refused(why: &str, said: String) -> ComposeRefused {
    ComposeRefused {
        why: why.to_owned(),
        said,
    }
}

/// The last line of what it said, which says why.
fn failure(said: &str, status: std::process::ExitStatus) -> String {
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    let last: String = last
        .unwrap_or("it said nothing")
        .chars()
        .take(500)
        .collect();
    format!("Compose ended with {status}: {last}")
}

/// The end of what comes.
async fn tail(from: Option<impl AsyncRead + Unpin>) -> String {
    let mut kept: VecDeque<u8> = VecDeque::new();
    if let Some(mut from) = from {
        let mut piece = vec![0; 4_096];
        while let Ok(read @ 1..) = from.read(&mut piece).await {
            kept.extend(&piece[..read]);
            let over = kept.len().saturating_sub(KEPT);
            kept.drain(..over);
        }
    }
    let bytes: Vec<u8> = kept.into();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A group of processes that ends with this, with all that was started in it.
struct Group(Option<Pid>);

impl Group {
    fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Already gone is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use std::{
        fs,
        os::unix::fs::PermissionsExt,
        path::{Path, PathBuf},
    };

    use ops::outside::{Filesystem, Machine};

    use super::*;

    /// A machine with this compose.
    struct With(PathBuf);

    impl Host for With {
        fn machine(&self) -> BoxFuture<'_, Result<Machine, String>> {
            Box::pin(async { Err("none".to_owned()) })
        }

        fn filesystems(&self, _also: Vec<PathBuf>) -> BoxFuture<'_, Vec<Filesystem>> {
            Box::pin(async { Vec::new() })
        }

        fn compose(&self) -> BoxFuture<'_, Option<PathBuf>> {
            let program = self.0.clone();
            Box::pin(async move { program.exists().then_some(program) })
        }
    }

    fn folder() -> PathBuf {
        let path = std::env::temp_dir().join(format!("ytops-compose-{}", ops::trace_id()));
        fs::create_dir(&path).unwrap();
        path
    }

    fn program(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("docker-compose");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    fn project(folder: &Path) -> ComposeProject {
        ComposeProject {
            name: "shop".to_owned(),
            files: vec![folder.join("compose.yaml")],
            folder: folder.to_owned(),
            environment: None,
        }
    }

    #[tokio::test]
    async fn it_gets_its_arguments_and_none_of_the_consoles_environment() {
        let folder = folder();
        let path = program(
            &folder,
            "echo \"$@\"; env | cut -d= -f1 | sort | tr '\\n' ' '",
        );
        let compose = DockerCompose::new(Arc::new(With(path)), Some("unix:///x".to_owned()));
        let said = compose.up(&project(&folder), "web").await.unwrap();
        assert!(said.contains("up -d --no-build --no-deps web"), "{said}");
        assert!(said.contains("DOCKER_HOST"), "{said}");
        assert!(!said.contains("CARGO"), "{said}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn why_it_failed_is_its_last_line_and_what_it_says_has_a_bound() {
        let folder = folder();
        let path = program(
            &folder,
            "i=0; while [ $i -lt 2000 ]; do echo line-of-a-hundred-letters-or-so-$i-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; i=$((i+1)); done; echo 'no such image' >&2; exit 3",
        );
        let compose = DockerCompose::new(Arc::new(With(path)), None);
        let refused = compose.up(&project(&folder), "").await.unwrap_err();
        assert!(refused.why.ends_with("no such image"), "{}", refused.why);
        assert!(refused.said.len() <= 2 * KEPT, "{}", refused.said.len());
        let none = DockerCompose::new(Arc::new(With(folder.join("nothing"))), None);
        let refused = none.up(&project(&folder), "").await.unwrap_err();
        assert!(refused.why.contains("Install it"), "{}", refused.why);
        fs::remove_dir_all(folder).unwrap();
    }
}
