//! A console and agents as processes, and what is stored.

use std::{
    fs::OpenOptions,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Stdio},
    sync::{
        Arc,
        mpsc::{Receiver, TryRecvError},
    },
    time::{Duration, Instant},
};

use ops::{Actor, Ops, resources};
use server::adapters::SystemClock;
use sqlx::PgPool;

use super::{
    namespaces::Namespace,
    program::{Folder, by, lines, run, terminate, url, ytops, ytops_on},
};

/// Nothing takes this long unless something hangs.
const PATIENCE: Duration = Duration::from_mins(3);

/// The name of the console's own host.
const OWN: &str = "~console";

/// What can't be tried here is told, and counted by the script that runs all tests.
pub fn passed_over(what: &str, why: &str) {
    eprintln!("{what}: passed over, {why}");
    if let Some(list) = std::env::var_os("YTOPS_PASSED_OVER") {
        let mut list = OpenOptions::new()
            .append(true)
            .create(true)
            .open(list)
            .unwrap();
        writeln!(list, "{what}: {why}").unwrap();
    }
}

/// Waits until `is_so`.
pub async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A token of the role agent, made as an administrator does.
pub fn token(db: &PgPool, host: Option<&str>) -> String {
    let folder = Folder::new();
    let mut command = ytops_on(db, &folder, &["token", "add", "--role", "agent"]);
    let name = host.unwrap_or("of the first that comes");
    command.args(["--name", name, "--days", "1"]);
    if let Some(host) = host {
        command.args(["--host", host]);
    }
    let ended = run(&mut command);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.out.trim().to_owned()
}

/// `ytops serve` on a port; killed when it is dropped.
pub struct Console {
    child: Child,
    port: u16,
    _folder: Folder,
}

impl Console {
    /// Starts it and waits until it answers.
    pub fn start(db: &PgPool, port: u16) -> Self {
        let folder = Folder::new();
        let child = ytops(&folder, &["serve"])
            .env("DATABASE_URL", url(db))
            .env("YTOPS_LISTEN", format!("127.0.0.1:{port}"))
            .env("YTOPS_HOST", OWN)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut console = Self {
            child,
            port,
            _folder: folder,
        };
        let begun = Instant::now();
        while !console.is_ready() {
            assert!(begun.elapsed() < PATIENCE, "it does not answer");
            assert!(console.child.try_wait().unwrap().is_none(), "it ended");
            std::thread::sleep(Duration::from_millis(50));
        }
        console
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    fn is_ready(&self) -> bool {
        let Ok(mut socket) = TcpStream::connect(self.address()) else {
            return false;
        };
        let request = b"GET /readyz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        let mut answer = String::new();
        socket.write_all(request).is_ok()
            && socket.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }

    /// Lets it end by itself.
    pub fn stop(mut self) {
        terminate(&self.child);
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `ytops agent`; killed when it is dropped.
pub struct Agent {
    child: Child,
    said: Receiver<String>,
    heard: Vec<String>,
    _folder: Folder,
}

impl Agent {
    /// Starts it with a token in its environment, on this machine or as the host that is a namespace.
    pub fn start(space: Option<&Namespace>, token: &str, args: &[&str]) -> Self {
        let folder = Folder::new();
        let mut command = match space {
            None => ytops(&folder, &["agent"]),
            Some(space) => {
                let mut command = by(&folder, "nsenter");
                command.arg(format!("--net=/run/netns/{}", space.name));
                command.args([env!("CARGO_BIN_EXE_ytops"), "agent"]);
                command
            }
        };
        let mut child = command
            .args(args)
            .env("YTOPS_TOKEN", token)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            said: lines(child.stderr.take().unwrap()),
            child,
            heard: Vec::new(),
            _folder: folder,
        }
    }

    /// Waits for a line with `text` that was not waited for yet.
    pub async fn wait_for(&mut self, text: &str) {
        let begun = Instant::now();
        loop {
            match self.said.try_recv() {
                Ok(line) => {
                    self.heard.push(line);
                    if self.heard.last().is_some_and(|line| line.contains(text)) {
                        return;
                    }
                }
                Err(TryRecvError::Empty) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => {
                    panic!("no line with {text:?} in {:#?}", self.heard)
                }
            }
        }
    }

    /// What it said so far.
    pub fn heard(&self) -> &[String] {
        &self.heard
    }

    /// Waits for its end; true when it ended well.
    pub async fn ended(&mut self) -> bool {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Tells it to end; how long that took, and whether it ended well.
    pub fn stop(&mut self) -> (Duration, bool) {
        let begun = Instant::now();
        terminate(&self.child);
        let status = self.child.wait().unwrap();
        (begun.elapsed(), status.success())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hosts of agents by name, with the time of their newest stored sample.
pub async fn hosts(db: &PgPool) -> Vec<(String, i64)> {
    let hosts = resources::hosts(&tools(db), &Actor::system())
        .await
        .unwrap();
    hosts
        .into_iter()
        .filter(|host| host.name != OWN)
        .map(|host| (host.name, host.newest.unwrap_or(0)))
        .collect()
}

/// The longest time between two stored samples of a host; each is later than the one before.
pub async fn largest_gap(db: &PgPool, host: &str, from: i64, to: i64) -> i64 {
    let (ops, system) = (tools(db), Actor::system());
    let query = resources::SeriesQuery::all(host, Some("system.linux.memory.available"));
    let ids = resources::series(&ops, &system, query)
        .await
        .unwrap()
        .series;
    assert_eq!(ids.len(), 1, "{ids:?}");
    let ids = [ids[0].id];
    let points = resources::points(&ops, &system, &ids, from, to, 2_000).await;
    let times: Vec<i64> = points.unwrap()[0]
        .points
        .iter()
        .map(|point| point.0)
        .collect();
    let steps = times.windows(2).map(|two| two[1] - two[0]);
    assert!(steps.clone().all(|step| step > 0), "{times:?}");
    let ends = [times[0] - from, to - times[times.len() - 1]];
    steps.chain(ends).max().unwrap()
}

fn tools(db: &PgPool) -> Ops {
    Ops::new(db.clone(), Arc::new(SystemClock))
}
