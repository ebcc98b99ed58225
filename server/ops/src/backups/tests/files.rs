//! Folders restored in place and taken back; single files; what is in a backup, to be looked at and downloaded.

use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use store::PgPool;
use time::Duration;
use types::{
    Error, Role,
    backups::{Backup, BackupSet, Difference, FileKind, Wish},
    operations::Phase,
};

use super::{
    super::{download, files, plan, restore, restore::discard_old, restores, undo},
    world::World,
};
use crate::{Actor, actor::Who, outside::Clock};

/// A folder that was backed up and has changed since.
pub struct Folder {
    pub data: PathBuf,
    pub set: BackupSet,
    pub backup: Backup,
}

impl Folder {
    pub async fn new(world: &World) -> Self {
        let data = world.folder.with_extension("data");
        std::fs::create_dir_all(data.join("videos")).unwrap();
        std::fs::write(data.join("settings.json"), "{\"whole\": true}").unwrap();
        std::fs::write(data.join("videos/a.mp4"), vec![7; 300_000]).unwrap();
        let set = world.set_of(std::slice::from_ref(&data)).await;
        let backup = world.back_up_set(set.id).await;
        assert_eq!(backup.status, Phase::Succeeded, "{:?}", backup.failure);
        std::fs::write(data.join("settings.json"), "broken").unwrap();
        std::fs::remove_file(data.join("videos/a.mp4")).unwrap();
        std::fs::write(data.join("since"), "new").unwrap();
        Self { data, set, backup }
    }

    /// It is as it was backed up.
    pub fn is_whole(&self) -> bool {
        self.read("settings.json").as_deref() == Some("{\"whole\": true}")
            && self.data.join("videos/a.mp4").exists()
            && !self.data.join("since").exists()
    }

    /// It is as it was before the restore.
    pub fn is_broken(&self) -> bool {
        self.read("settings.json").as_deref() == Some("broken")
            && !self.data.join("videos/a.mp4").exists()
            && self.data.join("since").exists()
    }

    pub fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.data.join(name)).ok()
    }

    /// What restores keep in it.
    pub fn kept(&self) -> usize {
        let entries = std::fs::read_dir(&self.data).unwrap().flatten();
        let is_kept = |name: &str| name.starts_with(".ytops-restore-");
        entries
            .filter(|entry| is_kept(&entry.file_name().to_string_lossy()))
            .count()
    }

    pub fn path(&self, name: &str) -> String {
        self.data.join(name).display().to_string()
    }

    pub async fn end(self, world: World) {
        std::fs::remove_dir_all(self.data).unwrap();
        world.end().await;
    }
}

fn only(path: String) -> Wish {
    Wish {
        only: vec![path],
        ..Wish::default()
    }
}

/// A person who may restore, and proved it just now.
pub fn cto(world: &World) -> Actor {
    Actor {
        who: Who::User {
            id: 1,
            session: Vec::new(),
            proved_at: Some(world.clock.now()),
            has_second_factor: false,
        },
        name: "a@example.com".to_owned(),
        role: Role::Cto,
        ..Actor::system()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_folder_becomes_what_it_was_and_an_undo_takes_it_back(db: PgPool) {
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
    let operation = world.operation(id).await;
    assert_eq!(operation.phase, Phase::Succeeded, "{operation:?}");
    assert!(folder.is_whole());
    let made = restores(&world.ops, &system, folder.set.id).await.unwrap();
    assert!(Path::new(&made[0].kept).is_dir(), "{}", made[0].kept);

    undo(&world.ops, &system, made[0].id, "data").await.unwrap();
    world.do_next().await;
    assert!(folder.is_broken());
    let twice = undo(&world.ops, &system, made[0].id, "data").await;
    assert!(matches!(
        twice.unwrap_err().told(),
        Some(Error::Conflict { .. })
    ));
    // What is kept is no part of a backup, and goes when its time is over.
    let backup = world.back_up_set(folder.set.id).await;
    let listed = files(&world.ops, &system, backup.id, &folder.path(""))
        .await
        .unwrap();
    let names: Vec<String> = (listed.entries.iter())
        .map(|entry| entry.path.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["videos", "settings.json", "since"]);
    world.clock.advance(Duration::days(8));
    discard_old(&world.ops).await.unwrap();
    assert!(folder.is_broken() && folder.kept() == 0);
    folder.end(world).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_single_file_is_restored_and_one_that_is_not_there_says_so(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let system = Actor::system();
    let wish = only(folder.path("videos/a.mp4"));
    restore(&world.ops, &system, folder.backup.id, "data", &wish)
        .await
        .unwrap();
    world.do_next().await;
    assert!(folder.data.join("videos/a.mp4").exists());
    assert_eq!(folder.read("settings.json").as_deref(), Some("broken"));
    assert!(folder.data.join("since").exists());

    let wish = only(folder.path("nowhere"));
    let id = restore(&world.ops, &system, folder.backup.id, "data", &wish)
        .await
        .unwrap();
    world.do_next().await;
    let failed = world.operation(id).await;
    assert_eq!(failed.phase, Phase::Failed);
    let why = failed.failure.unwrap();
    assert!(why.contains("does not have nowhere"), "{why}");
    assert_eq!(folder.kept(), 1, "what failed leaves nothing");
    for outside in ["relative", "/etc/../etc/passwd"] {
        let wish = only(outside.to_owned());
        let refused = restore(&world.ops, &system, folder.backup.id, "data", &wish).await;
        let refused = refused.unwrap_err();
        assert!(refused.told().unwrap().of_field("only").is_some());
    }
    folder.end(world).await;
}

/// Files that a set names themselves are restored within the folder that they are in, and all of them or none.
#[sqlx::test(migrations = "../../migrations")]
async fn files_and_folders_of_a_set_are_restored_together(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let system = Actor::system();
    let set = update_paths(&world, &folder, &["settings.json", "videos"]).await;
    std::fs::write(folder.data.join("settings.json"), "second").unwrap();
    std::fs::write(folder.data.join("videos/b.mp4"), "b").unwrap();
    let backup = world.back_up_set(set).await;
    std::fs::write(folder.data.join("settings.json"), "third").unwrap();
    std::fs::remove_dir_all(folder.data.join("videos")).unwrap();
    restore(&world.ops, &system, backup.id, "data", &Wish::default())
        .await
        .unwrap();
    world.do_next().await;
    assert_eq!(folder.read("settings.json").as_deref(), Some("second"));
    assert_eq!(folder.read("videos/b.mp4").as_deref(), Some("b"));
    assert_eq!(
        folder.read("since").as_deref(),
        Some("new"),
        "not of the set"
    );
    let made = restores(&world.ops, &system, set).await.unwrap();
    undo(&world.ops, &system, made[0].id, "data").await.unwrap();
    world.do_next().await;
    assert_eq!(folder.read("settings.json").as_deref(), Some("third"));
    assert!(!folder.data.join("videos/b.mp4").exists());
    folder.end(world).await;
}

async fn update_paths(world: &World, folder: &Folder, names: &[&str]) -> i64 {
    let mut settings = folder.set.settings.clone();
    settings.paths = names.iter().map(|name| folder.path(name)).collect();
    let changed =
        super::super::update(&world.ops, &Actor::system(), folder.set.id, &settings).await;
    changed.unwrap().id
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_plan_of_files_tells_what_differs(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let told = plan(&world.ops, &cto(&world), folder.backup.id, &[])
        .await
        .unwrap();
    assert_eq!(
        (told.refused, told.not_in_place, told.unknown),
        (None, None, None)
    );
    assert!(told.is_of_files && told.needs_bytes > 300_000 && told.free_bytes.unwrap() > 0);
    let files = told.files.unwrap();
    let counted = (files.compared, files.changed, files.missing, files.added);
    assert_eq!(counted, (2, 1, 1, 1), "{files:?}");
    assert!(!files.is_cut && files.texts.is_empty());
    let one = [folder.path("settings.json")];
    let told = plan(&world.ops, &cto(&world), folder.backup.id, &one)
        .await
        .unwrap();
    let files = told.files.unwrap();
    assert_eq!(files.differences.len(), 1);
    assert_eq!(files.differences[0].difference, Difference::Changed);
    assert_eq!(files.paths, one);
    folder.end(world).await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_in_a_backup_is_listed_and_a_file_of_it_downloaded(db: PgPool) {
    let world = World::new(&db).await;
    let folder = Folder::new(&world).await;
    let (id, cto) = (folder.backup.id, cto(&world));
    let top = files(&world.ops, &cto, id, "").await.unwrap();
    assert_eq!((top.entries.len(), top.up), (1, None));
    let listed = files(&world.ops, &cto, id, &top.entries[0].path)
        .await
        .unwrap();
    let told: Vec<_> = (listed.entries.iter())
        .map(|entry| (entry.kind, entry.size, entry.changed_at.is_some()))
        .collect();
    assert_eq!(
        told,
        [(FileKind::Folder, 0, true), (FileKind::File, 15, true)]
    );
    assert_eq!(listed.up.as_deref(), Some(""));
    for outside in ["/etc", "/"] {
        let refused = files(&world.ops, &cto, id, outside).await.unwrap_err();
        assert!(
            matches!(refused.told(), Some(Error::NotFound { .. })),
            "{outside}"
        );
    }

    let found = download(&world.ops, &cto, id, &folder.path("settings.json"))
        .await
        .unwrap();
    assert_eq!(
        (found.name.as_str(), found.bytes),
        ("settings.json", Some(15))
    );
    let pieces: Vec<Vec<u8>> = found.pieces.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), b"{\"whole\": true}");
    let recorded: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit WHERE action = 'backup.download' AND result = 'success'",
    )
    .fetch_one(&db)
    .await
    .unwrap();
    assert_eq!(recorded, 1);

    for nothing in ["nowhere", "videos"] {
        let refused = download(&world.ops, &cto, id, &folder.path(nothing)).await;
        assert!(refused.is_err(), "{nothing}");
    }
    world.clock.advance(Duration::minutes(6));
    let old = download(&world.ops, &cto, id, &folder.path("settings.json")).await;
    assert_eq!(old.err().unwrap().told(), Some(&Error::StepUpRequired));
    let engineer = Actor {
        role: Role::Engineer,
        ..cto
    };
    let refused = files(&world.ops, &engineer, id, "").await.unwrap_err();
    assert!(matches!(refused.told(), Some(Error::Forbidden { .. })));
    folder.end(world).await;
}
