//! What tests work with: a folder of their own with a repository, databases, a remote.

use std::{
    future::{Ready, ready},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use backup::{
    Control, Error, Event,
    postgres::{
        Address, Backup, Boxed, Call, LocalTools, Options, Server, Stored, Tool, ToolName, Tools,
        backup, load,
    },
    restic::{Labels, Made, Repository, Restic},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A number that no other test has, over all processes.
pub(crate) fn unique() -> String {
    format!(
        "{}x{}e",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    )
}

/// A folder that is removed again, with a repository in it.
pub(crate) struct World {
    pub(crate) folder: PathBuf,
    pub(crate) restic: Restic,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("ytops-backup-{}", unique()));
        std::fs::create_dir_all(&folder).unwrap();
        secret_file(&folder.join("password"), "correct horse");
        let location = folder.join("repository").display().to_string();
        let restic = Restic::new("restic", repository(&folder, &location))
            .await
            .unwrap();
        assert!(restic.init().await.unwrap(), "it was not there");
        Self { folder, restic }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Packs of data, largest first.
    pub(crate) fn packs(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = files(&self.path("repository/data"));
        all.sort_by_key(|path| std::cmp::Reverse(path.metadata().unwrap().len()));
        all
    }

    /// Other locations with the same password.
    pub(crate) async fn elsewhere(&self, location: &str) -> Restic {
        Restic::new("restic", repository(&self.folder, location))
            .await
            .unwrap()
    }

    /// Options of a backup that is called `id`.
    pub(crate) fn options(&self, id: &str) -> Options {
        Options::new(id, labels(), self.path("spool"))
    }

    /// Backs a database of `server` up.
    pub(crate) async fn back_up_of(
        &self,
        server: &Server,
        database: &str,
        options: &Options,
    ) -> Result<Backup, Error> {
        backup(server, database, &self.restic, options, &Control::none()).await
    }

    pub(crate) async fn back_up(&self, database: &str, id: &str) -> (Backup, Stored) {
        let options = self.options(id);
        let made = self.back_up_of(&server(), database, &options).await;
        (made.unwrap(), load(&self.restic, id).await.unwrap())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// What a producer that does not fail comes to.
pub(crate) fn no_error() -> Ready<Result<(), Error>> {
    ready(Ok(()))
}

/// Stores what is read as `x.dump`.
pub(crate) async fn store(restic: &Restic, from: impl AsyncRead + Unpin) -> Result<Made, Error> {
    restic
        .backup_stream(from, no_error(), "x.dump", &labels(), &Control::none())
        .await
}

pub(crate) fn labels() -> Labels {
    Labels {
        host: "sample".to_owned(),
        tags: vec!["set=test".to_owned()],
    }
}

fn repository(folder: &Path, location: &str) -> Repository {
    Repository {
        location: location.parse().unwrap(),
        password_file: folder.join("password"),
        rclone_config: Some(folder.join("rclone.conf")),
        cache: folder.join("cache"),
    }
}

pub(crate) fn secret_file(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().unwrap().is_dir() {
            all.extend(files(&entry.path()));
        } else {
            all.push(entry.path());
        }
    }
    all
}

/// Bytes that no compression makes smaller, the same for the same seed.
pub(crate) fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut all = Vec::with_capacity(bytes + 8);
    while all.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        all.extend_from_slice(&state.to_le_bytes());
    }
    all.truncate(bytes);
    all
}

/// The tests' cluster as its superuser.
pub(crate) fn server() -> Server {
    server_as("postgres")
}

pub(crate) fn server_as(user: &str) -> Server {
    let url =
        std::env::var("DATABASE_URL").expect("DATABASE_URL: deploy/scripts/postgres.sh url test");
    let options: PgConnectOptions = url.parse().unwrap();
    let host = options.get_socket().map_or_else(
        || options.get_host().to_owned(),
        |path| path.display().to_string(),
    );
    Server::local(Address {
        host,
        port: options.get_port(),
        user: user.to_owned(),
        password: None,
    })
}

/// A session of a test's own.
pub(crate) async fn connect(database: &str) -> PgConnection {
    try_connect(database, "postgres").await.unwrap()
}

pub(crate) async fn try_connect(database: &str, user: &str) -> Result<PgConnection, sqlx::Error> {
    let address = server().address;
    let options = PgConnectOptions::new_without_pgpass()
        .socket(&address.host)
        .host(&address.host)
        .port(address.port)
        .username(user)
        .database(database);
    PgConnection::connect_with(&options).await
}

pub(crate) async fn run(database: &str, statements: &str) {
    let mut session = connect(database).await;
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
        .execute(&mut session)
        .await
        .unwrap();
    session.close().await.unwrap();
}

pub(crate) async fn text(database: &str, query: &str) -> String {
    let mut session = connect(database).await;
    let text: Option<String> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT ({query})::text")))
        .fetch_one(&mut session)
        .await
        .unwrap();
    session.close().await.unwrap();
    text.unwrap_or_default()
}

pub(crate) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A database, all that restores make of it, and roles; dropped in the end.
pub(crate) struct Database {
    pub(crate) name: String,
    /// What its name and the names of all that are made of it have in them.
    key: String,
    roles: Mutex<Vec<String>>,
}

impl Database {
    pub(crate) async fn new(fill: &str) -> Self {
        Self::named(ToOwned::to_owned, fill).await
    }

    /// Of a name that has the given key in it.
    pub(crate) async fn named(name: impl Fn(&str) -> String, fill: &str) -> Self {
        let key = format!("backup_{}", unique());
        let database = Self {
            name: name(&key),
            key,
            roles: Mutex::default(),
        };
        run(
            "postgres",
            &format!(
                "CREATE DATABASE {} TEMPLATE template0",
                ident(&database.name)
            ),
        )
        .await;
        run(&database.name, fill).await;
        database
    }

    /// A role of this test alone.
    pub(crate) async fn role(&self, options: &str) -> String {
        let name = format!("backup_role_{}", unique());
        run("postgres", &format!("CREATE ROLE {name} {options}")).await;
        self.roles.lock().unwrap().push(name.clone());
        name
    }

    /// Databases of this test, in order of their names.
    pub(crate) async fn all(&self) -> Vec<String> {
        let mut session = connect("postgres").await;
        let all = sqlx::query_scalar(
            "SELECT datname::text FROM pg_database WHERE position($1 IN datname) > 0 ORDER BY 1",
        )
        .bind(&self.key)
        .fetch_all(&mut session)
        .await
        .unwrap();
        session.close().await.unwrap();
        all
    }

    /// Whether no other database of this test is left.
    pub(crate) async fn is_alone(&self) -> bool {
        self.all().await == std::slice::from_ref(&self.name)
    }

    async fn clear(&self) {
        let all = self.all().await;
        let mut session = connect("postgres").await;
        let mut statements = Vec::new();
        for one in &all {
            statements.push(format!("ALTER DATABASE {} IS_TEMPLATE false", ident(one)));
            statements.push(format!("DROP DATABASE {} WITH (FORCE)", ident(one)));
        }
        for role in self.roles.lock().unwrap().iter() {
            statements.push(format!("DROP ROLE IF EXISTS {role}"));
        }
        for statement in statements {
            // A session that is at a very large value takes its time to end.
            for _ in 0..10 {
                let statement = AssertSqlSafe(statement.clone());
                if sqlx::raw_sql(statement).execute(&mut session).await.is_ok() {
                    break;
                }
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let this = &*self;
        // The test's own runtime is about to end.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap()
                    .block_on(this.clear());
            });
        });
    }
}

/// What happens at a moment of a dump.
pub(crate) type Hook = Arc<dyn Fn() -> Boxed<'static, ()> + Send + Sync>;

/// This machine's programs, with something that happens before a dump begins, and once its first bytes are there.
pub(crate) struct Hooked {
    pub(crate) before: Hook,
    pub(crate) amid: Hook,
}

impl std::fmt::Debug for Hooked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hooked")
    }
}

/// Nothing happens.
pub(crate) fn nothing() -> Hook {
    Arc::new(|| Box::pin(async {}))
}

impl Tools for Hooked {
    fn start<'a>(&'a self, call: Call<'a>) -> Boxed<'a, backup::Result<Tool>> {
        Box::pin(async move {
            let is_dump = call.tool == ToolName::PgDump;
            if is_dump {
                (self.before)().await;
            }
            let mut tool = LocalTools::default().start(call).await?;
            if is_dump {
                let (mut near, far) = tokio::io::duplex(1 << 16);
                let mut from = std::mem::replace(&mut tool.stdout, Box::new(far));
                let amid = Arc::clone(&self.amid);
                tokio::spawn(async move {
                    let mut first = vec![0; 1000];
                    let read = from.read(&mut first).await.unwrap();
                    near.write_all(&first[..read]).await.ok();
                    amid().await;
                    tokio::io::copy(&mut from, &mut near).await.ok();
                });
            }
            Ok(tool)
        })
    }
}

pub(crate) fn hooked(before: Hook, amid: Hook) -> Server {
    Server {
        address: server().address,
        tools: Arc::new(Hooked { before, amid }),
    }
}

/// All that `pg_dump` knows of a database but its rows.
pub(crate) fn schema(database: &str) -> String {
    let address = server().address;
    let info = format!(
        "dbname='{}'",
        database.replace('\\', "\\\\").replace('\'', "\\'")
    );
    let output = Command::new("pg_dump")
        .args([
            "--schema-only",
            "--create",
            "--host",
            &address.host,
            "--port",
            &address.port.to_string(),
            "--username",
            "postgres",
            "--dbname",
            &info,
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    // Another word each time, against files that were tampered with.
    text.lines()
        .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A control that keeps its events.
pub(crate) fn recorded() -> (Control, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&events);
    let control = Control::new(CancellationToken::new(), move |event| {
        to.lock().unwrap().push(event);
    });
    (control, events)
}

/// Waits for what must come soon.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not come within 30 s");
}

/// `rclone serve webdav` on a folder.
pub(crate) struct Remote {
    child: std::process::Child,
    pub(crate) port: u16,
}

impl Remote {
    /// On a port of its own, or on the one it had.
    pub(crate) async fn new(folder: &Path, port: Option<u16>) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let port = port.unwrap_or_else(|| {
            std::net::TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port()
        });
        let child = Command::new("rclone")
            .args([
                "serve",
                "webdav",
                "--config",
                "/dev/null",
                "--addr",
                &format!("127.0.0.1:{port}"),
            ])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Whether it comes at all, the test's own steps tell.
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { child, port }
    }

    pub(crate) fn config(&self) -> String {
        format!(
            "[dav]\ntype = webdav\nurl = http://127.0.0.1:{}\nvendor = other\n",
            self.port
        )
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A small filesystem in memory. Mounting takes root.
pub(crate) struct Small(pub(crate) PathBuf);

impl Small {
    pub(crate) fn new(path: PathBuf, size: &str) -> Self {
        std::fs::create_dir_all(&path).unwrap();
        let own = Command::new("id").args(["-u"]).output().unwrap().stdout;
        let owner = String::from_utf8(own).unwrap();
        let options = format!("size={size},mode=0755,uid={}", owner.trim());
        assert!(
            as_root(&[
                "mount",
                "-t",
                "tmpfs",
                "-o",
                &options,
                "ytops-test",
                path.to_str().unwrap()
            ]),
            "mount"
        );
        Self(path)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        as_root(&["umount", "--lazy", self.0.to_str().unwrap()]);
    }
}

fn as_root(command: &[&str]) -> bool {
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut line = if is_root {
        Vec::new()
    } else {
        vec!["sudo", "--non-interactive"]
    };
    line.extend(command);
    Command::new(line[0])
        .args(&line[1..])
        .status()
        .unwrap()
        .success()
}
