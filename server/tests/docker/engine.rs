//! The engine under test, driven by its own command line as a person would.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use ops::{
    Actor, Ops, deployment,
    outside::{Containers, Outside},
};
use server::adapters::{DockerEngine, SystemClock};
use store::{PgPool, containers::Reading};
use tokio::time::timeout;
use types::deployment::{Service, Stack};

/// The image of every container here: busybox and nothing else.
pub const IMAGE: &str = "ytops-test/busybox:1";

/// The image is made once a process.
static IMPORTED: OnceLock<()> = OnceLock::new();

/// Held by every test of this process, and by one that measures the process alone.
static SHARED: RwLock<()> = RwLock::new(());

/// A compose project on the engine; its containers are removed with it.
pub struct Project {
    /// Its name, which no other test has.
    pub name: String,
    host: String,
    _turn: Turn,
}

#[expect(dead_code, reason = "held, not looked at")]
enum Turn {
    Shared(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

impl Project {
    /// A project without containers, on the engine that `YTOPS_TEST_DOCKER` names.
    pub fn new() -> Self {
        let shared = SHARED.read().unwrap_or_else(PoisonError::into_inner);
        Self::in_turn(Turn::Shared(shared))
    }

    /// The same while no other test of this process runs.
    pub fn alone() -> Self {
        let alone = SHARED.write().unwrap_or_else(PoisonError::into_inner);
        Self::in_turn(Turn::Alone(alone))
    }

    fn in_turn(turn: Turn) -> Self {
        let host = std::env::var("YTOPS_TEST_DOCKER").unwrap_or_default();
        assert!(
            !host.is_empty(),
            "these tests need a Docker Engine: run them by make test, which starts one, or set YTOPS_TEST_DOCKER to \
             what end2end/stack/engine.sh start prints"
        );
        let name = format!("ytops-test-{}", ops::trace_id());
        let project = Self {
            name,
            host,
            _turn: turn,
        };
        IMPORTED.get_or_init(|| project.import());
        project
    }

    /// Where the engine listens.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// `docker` with these arguments; what it printed.
    pub fn docker(&self, arguments: &[&str]) -> String {
        let output = Command::new("docker")
            .arg("-H")
            .arg(&self.host)
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "docker {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Starts a container of `service` that runs `command` in a shell; its id.
    pub fn run(&self, service: &str, options: &[&str], command: &str) -> String {
        let project = format!("com.docker.compose.project={}", self.name);
        let of = format!("com.docker.compose.service={service}");
        let mut arguments = vec![
            "run",
            "-d",
            "--network",
            "none",
            "--label",
            &project,
            "--label",
            &of,
        ];
        arguments.extend(options);
        arguments.extend([IMAGE, "/busybox", "sh", "-c", command]);
        self.docker(&arguments)
    }

    /// An image of one static binary, so that nothing has to be pulled.
    fn import(&self) {
        let folder = std::env::temp_dir().join(&self.name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy("/bin/busybox", folder.join("busybox")).unwrap();
        let tar = Command::new("tar")
            .arg("-C")
            .arg(&folder)
            .args(["-c", "busybox"])
            .output()
            .unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let mut import = Command::new("docker")
            .args(["-H", &self.host, "import", "-", IMAGE])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        import.stdin.take().unwrap().write_all(&tar.stdout).unwrap();
        assert!(import.wait().unwrap().success());
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let filter = format!("label=com.docker.compose.project={}", self.name);
        let ids = self.docker(&["ps", "-aq", "--filter", &filter]);
        let ids: Vec<&str> = ids.lines().collect();
        if !ids.is_empty() {
            self.docker(&[&["rm", "-f", "-v"], &ids[..]].concat());
        }
    }
}

/// The adapter to the engine at `host`.
pub fn adapter(host: &str) -> DockerEngine {
    DockerEngine::new(Some(host)).unwrap()
}

/// A console on `db` that reads the engine at `host`.
pub fn console(db: &PgPool, host: &str) -> Ops {
    let containers: Arc<dyn Containers> = Arc::new(adapter(host));
    let outside = Outside {
        containers,
        ..Outside::none()
    };
    Ops::new(db.clone(), Arc::new(SystemClock)).with(outside)
}

/// The stack as it is stored now.
pub async fn stack(ops: &Ops) -> Arc<Stack> {
    ops.stack.forget();
    deployment::stack(ops, &Actor::system()).await.unwrap()
}

/// A service of `project`, if it is there.
pub async fn service(ops: &Ops, project: &Project, name: &str) -> Option<Service> {
    let stack = stack(ops).await;
    let of_project = stack.projects.iter().find(|one| one.name == project.name)?;
    of_project
        .services
        .iter()
        .find(|service| service.name == name)
        .cloned()
}

/// Tells the console that the engine answers, as it was read a moment ago.
pub async fn answers(ops: &Ops) {
    let mut tx = ops.begin().await.unwrap();
    let reading = Reading {
        number: store::reading::begin(&mut *tx).await.unwrap(),
        at: ops.clock.now(),
    };
    store::engine::answered(&mut tx, "", reading).await.unwrap();
    Ops::commit(tx).await.unwrap();
}

/// Waits for what `is_so` looks for, looking again with every notice of the database's, and now and then: what was
/// looked for while the facts were not at hand may be announced by nothing more.
pub async fn until<F: Future<Output = bool>>(
    db: &PgPool,
    what: &str,
    mut is_so: impl FnMut() -> F,
) {
    let mut notices = store::changes::listen(db).await.unwrap();
    let waiting = async {
        while !is_so().await {
            let notice = timeout(Duration::from_millis(250), notices.try_recv());
            if let Ok(heard) = notice.await {
                // None: the connection was lost and made again, and what it missed may be it.
                heard.unwrap();
            }
        }
    };
    assert!(
        timeout(Duration::from_mins(1), waiting).await.is_ok(),
        "never: {what}"
    );
}
