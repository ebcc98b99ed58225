//! Restores of files that are killed on their way.

use store::PgPool;
use time::Duration;
use types::{
    backups::{Way, Wish},
    operations::Phase,
};

use super::{
    super::{restore, restore::discard_old, restores},
    files::Folder,
    world::World,
};
use crate::Actor;

#[sqlx::test(migrations = "../../migrations")]
async fn a_restore_of_files_that_was_killed_goes_on(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let system = Actor::system();
    let id = restore(
        &world.ops,
        &system,
        folder.backup.id,
        "data",
        &Wish::default(),
    )
    .await
    .unwrap();
    for patience_ms in [1, 200, 500, 900, 1_300, 1_700, 2_100] {
        let killed = tokio::time::timeout(
            std::time::Duration::from_millis(patience_ms),
            world.do_next(),
        );
        if killed.await.is_ok() {
            break;
        }
        assert!(folder.is_broken() || folder.is_whole(), "{patience_ms} ms");
        world.clock.advance(Duration::seconds(21));
    }
    if !world.operation(id).await.phase.is_over() {
        world.do_next().await;
    }
    assert_eq!(world.operation(id).await.phase, Phase::Succeeded);
    assert!(folder.is_whole() && folder.kept() == 1);
    folder.end(world).await;
}

/// As if it had been killed when all was fetched, before and between the renames, and before that was noted.
#[sqlx::test(migrations = "../../migrations")]
async fn one_that_was_killed_between_its_renames_makes_the_rest(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let system = Actor::system();
    let id = restore(
        &world.ops,
        &system,
        folder.backup.id,
        "data",
        &Wish::default(),
    )
    .await
    .unwrap();
    world.do_next().await;
    let label: String = sqlx::query_scalar("SELECT label FROM backup_restore")
        .fetch_one(&db)
        .await
        .unwrap();
    let root = folder.data.join(format!(".ytops-restore-{label}"));
    let incoming = root
        .join("incoming")
        .join(folder.data.strip_prefix("/").unwrap());
    for renames in [0, 1, 2] {
        match renames {
            0 => backup::directory::undo(&folder.data, &label).unwrap(),
            1 => {
                let file = "settings.json";
                std::fs::rename(folder.data.join(file), incoming.join(file)).unwrap();
            }
            _ => {}
        }
        forget_end(&db).await;
        world.do_next().await;
        let operation = world.operation(id).await;
        assert_eq!(operation.phase, Phase::Succeeded, "{operation:?}");
        assert!(folder.is_whole(), "after {renames}");
        let made = restores(&world.ops, &system, folder.set.id).await.unwrap();
        assert_eq!(made.len(), 1);
    }
    // One that came to no end is taken back.
    forget_end(&db).await;
    sqlx::raw_sql(
        "UPDATE operation SET phase = 'failed', finished_at = now() WHERE kind = 'restore'",
    )
    .execute(&db)
    .await
    .unwrap();
    discard_old(&world.ops).await.unwrap();
    assert!(folder.is_broken() && folder.kept() == 0);
    folder.end(world).await;
}

/// The operation has not ended, and its worker is gone.
async fn forget_end(db: &PgPool) {
    sqlx::raw_sql(
        "UPDATE operation SET phase = 'running', finished_at = NULL, lease_until = '2026-01-01' WHERE kind = 'restore';
         UPDATE backup_restore SET restored_at = NULL, kept = '', kept_until = NULL, discarded_at = NULL",
    )
    .execute(db)
    .await
    .unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_folder_beside_is_filled_after_all(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let side = world.folder.with_extension("side");
    let wish = Wish {
        way: Way::Beside(side.display().to_string()),
        only: Vec::new(),
    };
    let id = restore(
        &world.ops,
        &Actor::system(),
        folder.backup.id,
        "data",
        &wish,
    )
    .await
    .unwrap();
    for patience_ms in [1, 700, 1_500] {
        let killed = tokio::time::timeout(
            std::time::Duration::from_millis(patience_ms),
            world.do_next(),
        );
        if killed.await.is_ok() {
            break;
        }
        world.clock.advance(Duration::seconds(21));
    }
    if !world.operation(id).await.phase.is_over() {
        world.do_next().await;
    }
    // And once more, as if that it was done had not been noted.
    forget_end(&db).await;
    world.do_next().await;
    let operation = world.operation(id).await;
    assert_eq!(operation.phase, Phase::Succeeded, "{operation:?}");
    let there = side.join(folder.data.strip_prefix("/").unwrap());
    assert!(there.join("videos/a.mp4").exists());
    assert_eq!(std::fs::read_dir(&side).unwrap().count(), 1, "nothing else");
    assert!(folder.is_broken(), "what is there stays");
    std::fs::remove_dir_all(side).unwrap();
    folder.end(world).await;
}
