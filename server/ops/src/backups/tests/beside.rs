//! Restores beside what is live: to a folder of their own, and under another name; and dumps as downloads.

use std::process::Command;

use futures::TryStreamExt;
use sqlx::AssertSqlSafe;
use store::PgPool;
use types::{
    backups::{Way, Wish},
    operations::Phase,
};

use super::{
    super::{backups, discover, download, plan, restore, restore::discard_old, restores},
    files::{Folder, cto},
    world::World,
};
use crate::Actor;

fn beside(to: &str) -> Wish {
    Wish {
        way: Way::Beside(to.to_owned()),
        only: Vec::new(),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn files_are_restored_to_a_folder_of_their_own(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let system = Actor::system();
    let side = world.folder.with_extension("side");
    let wish = Wish {
        only: vec![folder.path("videos")],
        ..beside(&side.display().to_string())
    };
    let id = restore(&world.ops, &system, folder.backup.id, "data", &wish)
        .await
        .unwrap();
    world.do_next().await;
    let operation = world.operation(id).await;
    assert_eq!(operation.phase, Phase::Succeeded, "{operation:?}");
    assert!(operation.is_beside());
    let there = side.join(folder.data.strip_prefix("/").unwrap());
    assert!(there.join("videos/a.mp4").exists());
    assert!(!there.join("settings.json").exists() && folder.is_broken());
    assert!(
        restores(&world.ops, &system, folder.set.id)
            .await
            .unwrap()
            .is_empty()
    );
    // Nothing of it is taken back later.
    discard_old(&world.ops).await.unwrap();
    assert!(there.join("videos/a.mp4").exists());
    std::fs::remove_dir_all(side).unwrap();
    folder.end(world).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn nothing_is_restored_to_where_something_lives(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let full = world.folder.with_extension("full");
    std::fs::create_dir_all(&full).unwrap();
    std::fs::write(full.join("something"), "").unwrap();
    let link = world.folder.with_extension("link");
    std::os::unix::fs::symlink("/etc", &link).unwrap();
    let own = world.folder.join("new");
    for refused in [
        "relative",
        "/",
        "/etc",
        "/usr/local/share/new",
        "/proc/1",
        "/var/lib/postgresql/15",
        "/srv/../etc/new",
        &folder.path("new"),
        &folder.data.parent().unwrap().display().to_string(),
        &own.display().to_string(),
        &full.display().to_string(),
        &link.join("new").display().to_string(),
    ] {
        let wish = beside(refused);
        let asked = restore(
            &world.ops,
            &Actor::system(),
            folder.backup.id,
            "data",
            &wish,
        )
        .await;
        let error = asked.unwrap_err();
        assert!(
            error.told().unwrap().of_field("to").is_some(),
            "{refused}: {error}"
        );
    }
    std::fs::remove_dir_all(full).unwrap();
    std::fs::remove_file(link).unwrap();
    folder.end(world).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_database_is_restored_under_another_name_to_be_looked_at(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    world.sql("DELETE FROM orders").await;
    let system = Actor::system();
    // A second set of the same name would be none of the platform's.
    let name = format!("{} \"look\"", world.source);
    for taken in [world.source.as_str(), "postgres", "", &"x".repeat(64)] {
        let asked = restore(&world.ops, &system, backup.id, "console", &beside(taken)).await;
        let error = asked.unwrap_err();
        assert!(
            error.told().unwrap().of_field("to").is_some(),
            "{taken}: {error}"
        );
    }
    let id = restore(&world.ops, &system, backup.id, "console", &beside(&name))
        .await
        .unwrap();
    world.do_next().await;
    let operation = world.operation(id).await;
    assert_eq!(operation.phase, Phase::Succeeded, "{operation:?}");
    let last = operation.stages.last().unwrap();
    assert!(last.detail.contains("DROP DATABASE"), "{}", last.detail);
    assert_eq!(world.orders_of(&name).await, Some(5_000));
    assert_eq!(world.orders().await, Some(0), "the live one stays");
    assert!(
        restores(&world.ops, &system, backup.set)
            .await
            .unwrap()
            .is_empty()
    );
    discard_old(&world.ops).await.unwrap();
    discover(&world.ops).await.unwrap();
    world.only_set().await;
    assert_eq!(world.orders_of(&name).await, Some(5_000), "it is kept");

    let again = restore(&world.ops, &system, backup.id, "console", &beside(&name)).await;
    assert!(again.unwrap_err().told().unwrap().of_field("to").is_some());
    sqlx::query(AssertSqlSafe(format!(
        "DROP DATABASE \"{}\"",
        name.replace('"', "\"\"")
    )))
    .execute(&db)
    .await
    .unwrap();
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_name_that_was_taken_meanwhile_is_not_touched(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    let name = format!("{}_look", world.source);
    let id = restore(
        &world.ops,
        &Actor::system(),
        backup.id,
        "console",
        &beside(&name),
    )
    .await
    .unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&db)
        .await
        .unwrap();
    world.do_next().await;
    let failed = world.operation(id).await;
    assert_eq!(failed.phase, Phase::Failed);
    assert!(failed.failure.unwrap().contains("already"));
    assert_eq!(world.orders_of(&name).await, None, "it is still empty");
    assert_eq!(
        world.databases().await.len(),
        2,
        "what was restored is gone"
    );
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_consoles_own_database_is_restored_beside_it_alone(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    let name = db.connect_options().get_database().unwrap().to_owned();
    sqlx::query("UPDATE backup_set SET database = $1")
        .bind(&name)
        .execute(&db)
        .await
        .unwrap();
    let told = plan(&world.ops, &Actor::system(), backup.id, &[])
        .await
        .unwrap();
    assert_eq!(told.refused, None);
    assert!(told.not_in_place.unwrap().contains("runs on"));
    let refused = restore(
        &world.ops,
        &Actor::system(),
        backup.id,
        "console",
        &Wish::default(),
    )
    .await;
    assert!(refused.is_err());
    world.end().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_dump_that_was_downloaded_is_restored_by_pg_restore(db: PgPool) {
    let world = World::new(&db).await;
    let backup = world.back_up().await;
    let cto = cto(&world);
    assert!(
        download(&world.ops, &cto, backup.id, "/etc/passwd")
            .await
            .is_err()
    );
    let found = download(&world.ops, &cto, backup.id, "").await.unwrap();
    let expected = format!("{}-20261124T030000Z.dump", world.source);
    assert_eq!((found.name, found.bytes), (expected, None));
    let pieces: Vec<Vec<u8>> = found.pieces.try_collect().await.unwrap();
    let file = world.folder.join("downloaded.dump");
    std::fs::write(&file, pieces.concat()).unwrap();

    let copy = format!("{}_copy", world.source);
    sqlx::query(AssertSqlSafe(format!(
        "CREATE DATABASE {copy} TEMPLATE template0"
    )))
    .execute(&db)
    .await
    .unwrap();
    let host = world.options.get_socket().map_or_else(
        || world.options.get_host().to_owned(),
        |socket| socket.display().to_string(),
    );
    let done = Command::new("pg_restore")
        .args(["--host", &host])
        .args(["--port", &world.options.get_port().to_string()])
        .args(["--username", world.options.get_username()])
        .args(["--dbname", &copy])
        .arg(&file)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert_eq!(world.orders_of(&copy).await, Some(5_000));

    // Of what did not succeed there is nothing to download.
    sqlx::query("UPDATE backup SET status = 'failed'")
        .execute(&db)
        .await
        .unwrap();
    assert!(download(&world.ops, &cto, backup.id, "").await.is_err());
    let all = backups(&world.ops, &cto, None, None).await.unwrap();
    assert_eq!(all.len(), 1);
    world.end().await;
}
