//! The program, started for a test with nothing of the machine's own settings.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use sqlx::PgPool;

/// Nothing takes this long unless something hangs.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A folder that goes when the test ends.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        let free = free_port();
        let path =
            std::env::temp_dir().join(format!("ytops-process-{}-{free}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The address of the test's database.
pub fn url(db: &PgPool) -> String {
    let cluster = std::env::var("DATABASE_URL").unwrap();
    let name = db.connect_options().get_database().unwrap().to_owned();
    let (start, rest) = cluster.split_once("://").unwrap();
    let (host, rest) = rest.split_once('/').unwrap();
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    format!("{start}://{host}/{name}?{query}")
}

/// `ytops` with `args`, in a folder of its own, with an engine that does not answer.
pub fn ytops(folder: &Folder, args: &[&str]) -> Command {
    let mut command = by(folder, env!("CARGO_BIN_EXE_ytops"));
    command.args(args);
    command
}

/// A program with the same folder and environment.
pub fn by(folder: &Folder, program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("YTOPS_DATA_DIR", folder.0.join("data"))
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
        .current_dir(&folder.0);
    command
}

/// The same on the test's database.
pub fn ytops_on(db: &PgPool, folder: &Folder, args: &[&str]) -> Command {
    let mut command = ytops(folder, args);
    command.env("DATABASE_URL", url(db));
    command
}

/// What a command printed on standard output and error, and how it ended.
#[derive(Debug)]
pub struct Ended {
    pub out: String,
    pub err: String,
    pub code: Option<i32>,
}

pub fn run(command: &mut Command) -> Ended {
    run_with(command, "")
}

/// Runs it with `input` on standard input. What does not end fails the test.
pub fn run_with(command: &mut Command, input: &str) -> Ended {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that ends before it reads is no fault.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let (out, err) = (
        told(child.stdout.take().unwrap()),
        told(child.stderr.take().unwrap()),
    );
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it does not end: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Ended {
        out: out.join().unwrap(),
        err: err.join().unwrap(),
        code: status.code(),
    }
}

/// Reads to the end, beside the test: a program whose output nobody takes stands still.
fn told(mut output: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        text
    })
}

/// The lines of an output as they come, read beside the test.
pub fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, said) = channel();
    std::thread::spawn(move || {
        BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| tell.send(line))
    });
    said
}

/// Sends SIGTERM.
pub fn terminate(child: &Child) {
    let pid = child.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(killed.unwrap().success());
}

/// `ytops serve`, running; killed when the test ends.
pub struct Serving {
    child: Child,
    said: Receiver<String>,
    heard: Vec<String>,
    pub port: u16,
    folder: Folder,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Starts it on a free port with the database at `database_url`.
    pub fn start(database_url: &str) -> Self {
        let folder = Folder::new();
        let command = ytops(&folder, &["serve"]);
        Self::start_by(command, folder, database_url)
    }

    /// The same with a terminal for its output.
    pub fn start_on_a_terminal(database_url: &str) -> Self {
        let folder = Folder::new();
        let mut command = by(&folder, "script");
        let line = concat!("exec ", env!("CARGO_BIN_EXE_ytops"), " serve");
        command.args(["--quiet", "--return", "--command", line, "/dev/null"]);
        Self::start_by(command, folder, database_url)
    }

    fn start_by(mut command: Command, folder: Folder, database_url: &str) -> Self {
        let port = free_port();
        let mut child = command
            .env("DATABASE_URL", database_url)
            .env("YTOPS_LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            said: lines(child.stdout.take().unwrap()),
            child,
            heard: Vec::new(),
            port,
            folder,
        }
    }

    /// Waits for a line that holds `text`, and gives it.
    pub fn wait_for(&mut self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        if let Some(line) = self.heard.iter().find(|line| line.contains(text)) {
            return line.clone();
        }
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.said.recv_timeout(left) else {
                panic!("no line with {text:?} in {:#?}", self.heard);
            };
            self.heard.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Its log.
    pub fn log(&self) -> PathBuf {
        self.folder.0.join("data/log/ytops.log")
    }

    /// The lines that were waited for and all before them.
    pub fn heard(&self) -> &[String] {
        &self.heard
    }

    /// Sends a request and leaves its answer unread.
    pub fn send(&self, path: &str, headers: &str) -> TcpStream {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\n{headers}\r\n",
            self.port
        );
        socket.write_all(request.as_bytes()).unwrap();
        socket
    }

    /// Asks and gives the whole answer; tries again while nobody listens yet.
    pub fn get(&self, path: &str) -> String {
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < until, "nobody listens");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut answer = String::new();
        self.send(path, "").read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends SIGKILL, and waits for the end.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM; gives the time it took to end, and whether it ended well.
    pub fn stop(&mut self) -> (Duration, bool) {
        let begun = Instant::now();
        terminate(&self.child);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (begun.elapsed(), status.success());
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
