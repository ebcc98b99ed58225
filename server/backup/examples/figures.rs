//! Measures backups and restores against the handbook's: `figures DATABASE_URL FOLDER [MEGABYTES]`.
//!
//! It makes a database of about that size (800) with text, jsonb and indexes on the server, and compares in the same run:
//! a backup with `pg_dump | gzip`, the bytes that a second one adds after a day's changes with the first, a restore to its
//! end with `gunzip | psql`, and prints how long nobody could connect. Everything is removed in the end. The user of the
//! URL must be allowed to create databases. One line a figure: name, ours, the other's, unit.

#![expect(clippy::unwrap_used, reason = "a tool of developers may stop")]

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use backup::{
    Control, Event,
    postgres::{Address, Options, Server, backup, load},
    restic::{Labels, Repository, Restic},
    restore::{Request, discard, fill, switch, undo},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

/// Bytes that a row of each kind takes, with its indexes.
const ROW: u64 = 900;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let options: PgConnectOptions = arguments[1].parse().unwrap();
    let folder = Path::new(&arguments[2]).join(format!("ytops-figures-{}", std::process::id()));
    let megabytes: u64 = arguments.get(3).map_or(800, |text| text.parse().unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let name = format!("ytops_figures_{}", std::process::id());
    let bench = Bench {
        restic: repository(&folder).await,
        server: server(&options),
        folder: folder.display().to_string(),
        options,
        name,
    };
    bench.run(megabytes).await;
    for name in [&bench.name, &format!("{}_by_psql", bench.name)] {
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        bench.sql("postgres", &drop).await;
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

struct Bench {
    restic: Restic,
    server: Server,
    folder: String,
    options: PgConnectOptions,
    name: String,
}

impl Bench {
    async fn run(&self, megabytes: u64) {
        let started = Instant::now();
        // Where the time goes.
        let control = Control::new(CancellationToken::new(), move |event| {
            if let Event::Stage(stage) = event {
                eprintln!("{:8.2} s {stage:?}", started.elapsed().as_secs_f64());
            }
        });
        self.sql(
            "postgres",
            &format!("CREATE DATABASE {} TEMPLATE template0", self.name),
        )
        .await;
        self.sql(&self.name, &made_up(megabytes)).await;
        let size = self
            .number(&self.name, "pg_database_size(current_database())")
            .await;
        println!("database\t{:.0}\t\tMB", size / 1e6);
        // Both read what is in the server's memory.
        self.sql(
            &self.name,
            "SELECT count(*) FROM words; SELECT count(*) FROM documents",
        )
        .await;

        let empty = self.stored();
        let gzip = self.shell(&format!(
            "pg_dump {{of}} --dbname={} | gzip > {}/dump.sql.gz",
            self.name, self.folder
        ));
        let started = Instant::now();
        backup(
            &self.server,
            &self.name,
            &self.restic,
            &self.backup_options("first"),
            &control,
        )
        .await
        .unwrap();
        told("backup", started.elapsed(), gzip, "s");

        let once = self.stored();
        self.sql(&self.name, A_DAY).await;
        backup(
            &self.server,
            &self.name,
            &self.restic,
            &self.backup_options("second"),
            &control,
        )
        .await
        .unwrap();
        println!(
            "second backup adds\t{:.1}\t{:.1}\tMB",
            self.stored() - once,
            once - empty
        );

        self.sql(
            "postgres",
            &format!("CREATE DATABASE {}_by_psql TEMPLATE template0", self.name),
        )
        .await;
        let psql = self.shell(&format!(
            "gunzip < {}/dump.sql.gz | psql {{of}} --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --dbname={}_by_psql > /dev/null",
            self.folder, self.name
        ));
        let (found, request) = (load(&self.restic, "first").await.unwrap(), self.request());
        let started = Instant::now();
        let filled = fill(&self.server, &self.restic, &found, &request, &control)
            .await
            .unwrap();
        assert!(filled.is_ready, "{:?}", filled.comparison);
        let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let switched = switch(&self.server, "figures", at(0), &control)
            .await
            .unwrap();
        told("restore", started.elapsed(), psql, "s");
        told("writers' pause", switched.pause.unwrap(), psql, "s");
        let started = Instant::now();
        let undone = undo(&self.server, "figures", at(1), &control)
            .await
            .unwrap();
        told("undo", started.elapsed(), psql, "s");
        told("undo: writers' pause", undone.pause.unwrap(), psql, "s");
        discard(&self.server, "figures").await.unwrap();
    }

    /// Megabytes that the repository takes on the disk.
    fn stored(&self) -> f64 {
        let output = Command::new("du")
            .args([
                "--summarize",
                "--bytes",
                &format!("{}/repository", self.folder),
            ])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace()
            .next()
            .unwrap()
            .parse::<f64>()
            .unwrap()
            / 1e6
    }

    fn backup_options(&self, id: &str) -> Options {
        let labels = Labels {
            host: "figures".to_owned(),
            tags: Vec::new(),
        };
        Options::new(id, labels, Path::new(&self.folder).join("spool"))
    }

    fn request(&self) -> Request {
        Request::new("figures", &self.name, Path::new(&self.folder).join("spool"))
    }

    async fn connect(&self, database: &str) -> PgConnection {
        let options = self
            .options
            .clone()
            .database(database)
            .disable_statement_logging();
        PgConnection::connect_with(&options).await.unwrap()
    }

    async fn sql(&self, database: &str, statements: &str) {
        let mut session = self.connect(database).await;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(&mut session)
            .await
            .unwrap();
        session.close().await.unwrap();
    }

    async fn number(&self, database: &str, expression: &str) -> f64 {
        let mut session = self.connect(database).await;
        let statement = AssertSqlSafe(format!("SELECT ({expression})::float8"));
        sqlx::query_scalar(statement)
            .fetch_one(&mut session)
            .await
            .unwrap()
    }

    /// How long a line of the handbook takes; `{of}` stands for where the server is.
    fn shell(&self, line: &str) -> Duration {
        let address = &self.server.address;
        let of = format!(
            "--host='{}' --port={} --username='{}'",
            address.host, address.port, address.user
        );
        let started = Instant::now();
        let status = Command::new("bash")
            .args([
                "-c",
                &format!("set -o pipefail; {}", line.replace("{of}", &of)),
            ])
            .status()
            .unwrap();
        assert!(status.success(), "{line}");
        started.elapsed()
    }
}

fn told(name: &str, ours: Duration, other: Duration, unit: &str) {
    println!(
        "{name}\t{:.2}\t{:.2}\t{unit}",
        ours.as_secs_f64(),
        other.as_secs_f64()
    );
}

fn server(options: &PgConnectOptions) -> Server {
    let host = options.get_socket().map_or_else(
        || options.get_host().to_owned(),
        |path| path.display().to_string(),
    );
    Server::local(Address {
        host,
        port: options.get_port(),
        user: options.get_username().to_owned(),
        password: None,
    })
}

async fn repository(folder: &Path) -> Restic {
    let password_file = folder.join("password");
    std::fs::write(&password_file, "figures").unwrap();
    std::fs::set_permissions(&password_file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let repository = Repository {
        location: folder
            .join("repository")
            .display()
            .to_string()
            .parse()
            .unwrap(),
        password_file,
        rclone_config: None,
        cache: folder.join("cache"),
    };
    let restic = Restic::new("restic", repository).await.unwrap();
    restic.init().await.unwrap();
    restic
}

/// Text and jsonb, half and half, with a primary key, an index on text, and one on jsonb.
fn made_up(megabytes: u64) -> String {
    let rows = megabytes * 1_000_000 / ROW;
    format!(
        "CREATE TABLE words (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, said text NOT NULL);
        CREATE TABLE documents (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, content jsonb NOT NULL);
        INSERT INTO words (name, said) SELECT 'user ' || n % 5000, 'said number ' || n || ': '
            || md5(n::text) || ' and then, as ever so often, ' || md5((n * 7)::text) || repeat(' word after word', 28)
            FROM generate_series(1, {rows} / 2) n;
        INSERT INTO documents (at, content) SELECT timestamptz '2026-01-01' + n * interval '1 second', jsonb_build_object(
            'id', n, 'title', md5((n * 3)::text), 'tags', jsonb_build_array('a' || n % 100, 'b' || n % 37),
            'body', repeat('some text that is told over and over ', 16), 'key', md5((n * 11)::text)) FROM generate_series(1, {rows} / 2) n;
        CREATE INDEX words_name ON words (name); CREATE INDEX words_said ON words (md5(said));
        CREATE INDEX documents_at ON documents (at); CREATE INDEX documents_tags ON documents USING gin ((content -> 'tags'));
        ANALYZE"
    )
}

/// One row in a hundred is new, one in a thousand changed.
const A_DAY: &str = "INSERT INTO words (name, said) SELECT name, said || ' again' FROM words WHERE id % 100 = 0;
    UPDATE documents SET content = content || '{\"changed\": true}' WHERE id > (SELECT max(id) * 0.999 FROM documents)";
