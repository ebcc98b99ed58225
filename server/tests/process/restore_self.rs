//! `ytops restore-self`, with a real server and a real repository.

use std::{path::Path, sync::Arc};

use ops::{
    Actor, Ops,
    backups::{self, OwnDatabase, Place},
    operations::do_next,
};
use server::adapters::SystemClock;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use super::program::{Ended, Folder, run, url, ytops};

/// Backs the console's own database up, into the repository of `folder`.
async fn back_up(db: &PgPool, folder: &Path) {
    let entered = store::entered(db);
    let own = OwnDatabase::new(
        entered.host,
        entered.port,
        entered.user,
        entered.password,
        entered.database,
    );
    let place = Place::new(folder.to_owned(), None, Some(own));
    let ops = Ops::new(db.clone(), Arc::new(SystemClock)).with_backups(place);
    backups::discover(&ops).await.unwrap();
    let system = Actor::system();
    let set = backups::sets(&ops, &system).await.unwrap().remove(0);
    backups::run(&ops, &system, set.id).await.unwrap();
    assert!(do_next(&ops, &backups::worker()).await);
    let last = backups::sets(&ops, &system).await.unwrap().remove(0).last;
    let last = last.unwrap();
    assert_eq!(last.status.as_str(), "succeeded", "{:?}", last.failure);
}

fn restore_self(folder: &Folder, database_url: &str, args: &[&str]) -> Ended {
    let mut command = ytops(folder, &["restore-self", "--from", "latest"]);
    run(command.args(args).env("DATABASE_URL", database_url))
}

#[sqlx::test(migrations = false)]
async fn the_consoles_own_database_comes_back(cluster: PgPool) {
    let (db, address, name) = console(&cluster).await;
    let options = (*db.connect_options()).clone();
    let folder = Folder::new();
    let kept = folder.0.join("data/backups");
    sqlx::query("INSERT INTO team (name, created_at) VALUES ('video', now())")
        .execute(&db)
        .await
        .unwrap();
    back_up(&db, &kept).await;

    // Somebody is in it.
    let ended = restore_self(&folder, &address, &["--yes"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("in use by"), "{ended:?}");
    sqlx::query("DELETE FROM team WHERE name = 'video'")
        .execute(&db)
        .await
        .unwrap();
    db.close().await;

    // Only told, then done; what was there is kept.
    let ended = restore_self(&folder, &address, &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.ends_with("say --yes to restore it.\n"),
        "{ended:?}"
    );
    let ended = restore_self(&folder, &address, &["--yes"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended
            .out
            .contains(&format!("is the database {name}_before_")),
        "{ended:?}"
    );

    // A machine with nothing but the repository and the sheet's password: the database is made.
    let new = Folder::new();
    let (other, fresh) = (
        format!("{name}_new"),
        address.replace(&name, &format!("{name}_new")),
    );
    let (repository, password) = (kept.join("repository"), kept.join("password"));
    let from = [
        "--repository",
        repository.to_str().unwrap(),
        "--password-file",
        password.to_str().unwrap(),
        "--yes",
    ];
    let ended = restore_self(&new, &fresh, &from);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("it is made"), "{ended:?}");
    assert!(new.0.join("data/backups/password").exists());
    for address in [&address, &fresh] {
        let verified = run(ytops(&new, &["audit", "verify"]).env("DATABASE_URL", address));
        assert_eq!(verified.code, Some(0), "{verified:?}");
    }

    for database in [&name, &other] {
        let mut session = PgConnection::connect_with(&options.clone().database(database))
            .await
            .unwrap();
        let teams: i64 = sqlx::query_scalar("SELECT count(*) FROM team WHERE name = 'video'")
            .fetch_one(&mut session)
            .await
            .unwrap();
        assert_eq!(teams, 1, "{database}");
        session.close().await.unwrap();
    }
    drop_all(&cluster, &name).await;
}

/// A console's database of its own, whose name leaves room for more; with its address.
async fn console(cluster: &PgPool) -> (PgPool, String, String) {
    let name = format!("restore_self_{}", std::process::id());
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(cluster)
        .await
        .unwrap();
    let options = (*cluster.connect_options()).clone().database(&name);
    let db = PgPool::connect_with(options).await.unwrap();
    store::MIGRATOR.run(&db).await.unwrap();
    let address = url(&db);
    (db, address, name)
}

async fn drop_all(cluster: &PgPool, name: &str) {
    let all: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE starts_with(datname, $1)")
            .bind(name)
            .fetch_all(cluster)
            .await
            .unwrap();
    for one in all {
        sqlx::query(AssertSqlSafe(format!(
            "DROP DATABASE \"{one}\" WITH (FORCE)"
        )))
        .execute(cluster)
        .await
        .unwrap();
    }
}
