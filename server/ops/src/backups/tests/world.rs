//! A console with a database to back up.

use std::{path::PathBuf, process::Stdio, sync::Arc};

use backup::postgres::Address;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use store::PgPool;
use time::macros::datetime;
use types::{
    backups::{Backup, BackupSet, SetKind, SetSettings},
    operations::Operation,
};

use super::super::{OwnDatabase, Place, backups, create, defaults, discover, run, sets, worker};
use crate::{
    Actor, Ops,
    deployment::tests::world::Engine,
    operations::{self, do_next},
    outside::{Clock, FixedClock, Outside},
};

/// A console whose clock the test owns, with a database of its own to back up beside its tables.
pub struct World {
    pub ops: Ops,
    pub clock: Arc<FixedClock>,
    pub folder: PathBuf,
    pub source: String,
    pub options: PgConnectOptions,
}

impl World {
    pub async fn new(db: &PgPool) -> Self {
        Self::over(db, &Engine::default()).await
    }

    /// With containers.
    pub async fn over(db: &PgPool, engine: &Engine) -> Self {
        let source = format!("backed_up_{:016x}", rand::random::<u64>());
        let options = (*db.connect_options()).clone();
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {source}")))
            .execute(db)
            .await
            .unwrap();
        let host = options.get_socket().map_or_else(
            || options.get_host().to_owned(),
            |socket| socket.display().to_string(),
        );
        let own = OwnDatabase {
            address: Address {
                host,
                port: options.get_port(),
                user: options.get_username().to_owned(),
                password: None,
            },
            name: source.clone(),
        };
        let folder = std::env::temp_dir().join(&source);
        let clock = Arc::new(FixedClock::at(datetime!(2026-11-24 03:00 UTC)));
        let ops = Ops::new(db.clone(), Arc::clone(&clock) as Arc<dyn Clock>)
            .with(Outside {
                containers: Arc::new(engine.clone()),
                ..Outside::none()
            })
            .with_backups(Place::new(folder.clone(), None, Some(own)));
        let world = Self {
            ops,
            clock,
            folder,
            source,
            options,
        };
        world
            .sql("CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders SELECT n, md5(n::text) FROM generate_series(1, 5000) n")
            .await;
        discover(&world.ops).await.unwrap();
        world
    }

    /// In the database that is backed up.
    pub async fn sql(&self, sql: &str) {
        let options = self.options.clone().database(&self.source);
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    pub async fn orders(&self) -> Option<i64> {
        self.orders_of(&self.source).await
    }

    /// Those of a database of the server.
    pub async fn orders_of(&self, database: &str) -> Option<i64> {
        let options = self.options.clone().database(database);
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM orders")
            .fetch_one(&mut connection)
            .await;
        connection.close().await.unwrap();
        count.ok()
    }

    /// Databases of the server that belong to this test.
    pub async fn databases(&self) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname",
        )
        .bind(&self.source)
        .fetch_all(&self.ops.db)
        .await
        .unwrap()
    }

    pub async fn only_set(&self) -> BackupSet {
        let mut all = sets(&self.ops, &Actor::system()).await.unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// Takes what waits and does it to its end.
    pub async fn do_next(&self) {
        assert!(do_next(&self.ops, &worker()).await, "something waits");
    }

    pub async fn operation(&self, id: i64) -> Operation {
        operations::get(&self.ops, &Actor::system(), id)
            .await
            .unwrap()
    }

    pub async fn back_up(&self) -> Backup {
        self.back_up_set(self.only_set().await.id).await
    }

    /// A set of folders or files.
    pub async fn set_of(&self, paths: &[PathBuf]) -> BackupSet {
        let settings = SetSettings {
            name: "data".to_owned(),
            paths: paths
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
            targets: self.only_set().await.settings.targets,
            ..defaults(SetKind::Directory)
        };
        create(&self.ops, &Actor::system(), &settings)
            .await
            .unwrap()
    }

    pub async fn back_up_set(&self, id: i64) -> Backup {
        run(&self.ops, &Actor::system(), id).await.unwrap();
        self.do_next().await;
        let all = backups(&self.ops, &Actor::system(), Some(id), None)
            .await
            .unwrap();
        all.into_iter().next().unwrap()
    }

    /// Others work in the repository, until what this gives is dropped.
    pub async fn works_in_the_repository(&self) -> tokio::process::Child {
        let other = tokio::process::Command::new("restic")
            .arg("--repo")
            .arg(self.folder.join("repository"))
            .arg("--password-file")
            .arg(self.folder.join("password"))
            .args(["--no-cache", "backup", "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let locks = self.folder.join("repository/locks");
        while std::fs::read_dir(&locks).unwrap().next().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        other
    }

    pub fn packs(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.folder.join("repository/data")];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found.sort_by_key(|path| std::cmp::Reverse(path.metadata().unwrap().len()));
        found
    }

    pub async fn end(self) {
        for database in self.databases().await {
            sqlx::query(AssertSqlSafe(format!(
                "DROP DATABASE \"{database}\" WITH (FORCE)"
            )))
            .execute(&self.ops.db)
            .await
            .unwrap();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
