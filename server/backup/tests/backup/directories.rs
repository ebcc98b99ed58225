//! Folders restored beside and in place, and undone.

use std::path::{Path, PathBuf};

use backup::{
    Control, Error, Kind,
    directory::{
        Pick, Resumed, discard, fetch, fetch_beside, land_beside, replace, restore, restore_aside,
        resume, roll_back, undo,
    },
    restic::{Directories, SnapshotId},
};

use crate::support::{Small, World, files, labels, noise};

/// What a folder holds, but for what restores keep in it: path and contents.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = files(folder)
        .into_iter()
        .map(|path| {
            (
                path.strip_prefix(folder).unwrap().display().to_string(),
                path,
            )
        })
        .filter(|(name, _)| !name.starts_with(".ytops-restore-"))
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect();
    all.sort();
    all
}

/// Restores what is picked of a folder in place.
async fn put_back(
    world: &World,
    snapshot: &SnapshotId,
    data: &Path,
    pick: &Pick,
    operation: &str,
) -> Result<(), Error> {
    let control = Control::none();
    restore(&world.restic, snapshot, data, pick, operation, &control).await
}

/// A folder that was backed up and has changed since.
async fn changed(world: &World) -> (PathBuf, SnapshotId, Vec<(String, Vec<u8>)>) {
    let data = world.path("data of [the] shop");
    std::fs::create_dir_all(data.join("videos/2026")).unwrap();
    std::fs::write(data.join("videos/2026/a.mp4"), noise(200_000, 1)).unwrap();
    std::fs::write(data.join("videos/b.mp4"), noise(1000, 2)).unwrap();
    std::fs::write(data.join("settings.json"), "{}").unwrap();
    std::fs::write(data.join("gone"), "was here").unwrap();
    let what = Directories {
        paths: vec![data.clone()],
        ..Directories::default()
    };
    let made = world
        .restic
        .backup_directories(&what, &labels(), &Control::none())
        .await
        .unwrap();
    let before = contents(&data);
    std::fs::write(data.join("videos/b.mp4"), "corrupt").unwrap();
    std::fs::write(data.join("videos/new"), "since").unwrap();
    std::fs::remove_file(data.join("gone")).unwrap();
    std::fs::write(data.join("added"), "since").unwrap();
    (data, made.id, before)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_folder_becomes_what_it_was_and_back() {
    use std::os::unix::fs::MetadataExt;
    let world = World::new().await;
    let (data, snapshot, before) = changed(&world).await;
    let broken = contents(&data);
    let inode = data.metadata().unwrap().ino();
    put_back(&world, &snapshot, &data, &Pick::All, "op")
        .await
        .unwrap();
    assert_eq!(contents(&data), before);
    assert_eq!(
        data.metadata().unwrap().ino(),
        inode,
        "who has it mounted sees the restored files"
    );
    let error = put_back(&world, &snapshot, &data, &Pick::All, "op")
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Exists);
    undo(&data, "op").unwrap();
    undo(&data, "op").unwrap();
    assert_eq!(contents(&data), broken);
    assert_eq!(resume(&data, "op").unwrap(), Resumed::Done);
    assert_eq!(contents(&data), before, "and once more");
    discard(&data, "op").unwrap();
    assert_eq!(undo(&data, "op").unwrap_err().kind, Kind::NotFound);
    assert_eq!(resume(&data, "op").unwrap(), Resumed::Nothing);
    assert_eq!(contents(&data), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_files_are_picked() {
    let world = World::new().await;
    let (data, snapshot, _) = changed(&world).await;
    let broken = contents(&data);
    let pick = Pick::Paths(vec!["videos/b.mp4".to_owned(), "gone".to_owned()]);
    put_back(&world, &snapshot, &data, &pick, "op")
        .await
        .unwrap();
    assert_eq!(
        std::fs::read(data.join("videos/b.mp4")).unwrap(),
        noise(1000, 2)
    );
    assert!(
        data.join("gone").exists()
            && data.join("videos/new").exists()
            && data.join("added").exists()
    );
    undo(&data, "op").unwrap();
    assert_eq!(contents(&data), broken);
    for (bad, kind) in [
        ("nowhere", Kind::NotFound),
        ("../x", Kind::Invalid),
        ("/etc/passwd", Kind::Invalid),
        ("", Kind::Invalid),
        (".ytops-restore-op/plan.json", Kind::Invalid),
    ] {
        let pick = Pick::Paths(vec![bad.to_owned()]);
        let error = put_back(&world, &snapshot, &data, &pick, "other")
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind, "{bad}");
    }
    assert!(
        !data.join(".ytops-restore-other").exists(),
        "what failed leaves nothing"
    );
    assert_eq!(contents(&data), broken);
}

/// Whichever renames were made when it was killed, the rest is made, and either way back is open.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_in_place_killed_between_renames_is_finished_or_undone() {
    let world = World::new().await;
    let (data, snapshot, before) = changed(&world).await;
    let broken = contents(&data);
    put_back(&world, &snapshot, &data, &Pick::All, "op")
        .await
        .unwrap();
    let root = data.join(".ytops-restore-op");
    let incoming = root.join("incoming").join(data.strip_prefix("/").unwrap());
    // Back to the middle: `videos` is put aside and not replaced yet, `gone` is still to come.
    std::fs::rename(data.join("videos"), incoming.join("videos")).unwrap();
    std::fs::rename(data.join("gone"), incoming.join("gone")).unwrap();
    assert_ne!(contents(&data), before);
    assert_eq!(resume(&data, "op").unwrap(), Resumed::Done);
    assert_eq!(contents(&data), before);
    std::fs::rename(data.join("videos"), incoming.join("videos")).unwrap();
    undo(&data, "op").unwrap();
    assert_eq!(contents(&data), broken);
    discard(&data, "op").unwrap();
    // Killed while it was fetched: nothing was replaced.
    std::fs::create_dir_all(data.join(".ytops-restore-early/incoming")).unwrap();
    std::fs::write(data.join(".ytops-restore-early/incoming/half"), "x").unwrap();
    assert_eq!(resume(&data, "early").unwrap(), Resumed::RolledBack);
    assert_eq!(files(&data).len(), broken.len(), "nothing is left of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_beside_is_filled_or_left_as_it_was() {
    let world = World::new().await;
    let (data, snapshot, before) = changed(&world).await;
    let side = world.path("side");
    restore_aside(&world.restic, &snapshot, &[], &side, &Control::none())
        .await
        .unwrap();
    assert_eq!(
        contents(&side.join(data.strip_prefix("/").unwrap())),
        before
    );
    let error = restore_aside(&world.restic, &snapshot, &[], &side, &Control::none())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Exists);
    let small = Small::new(world.path("small"), "100k");
    let target = small.0.join("target");
    let error = restore_aside(&world.restic, &snapshot, &[], &target, &Control::none())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::NoSpace);
    assert!(!target.exists(), "before anything is written");
    // Not known beforehand: picked paths.
    let video = data.join("videos/2026/a.mp4").display().to_string();
    let error = restore_aside(
        &world.restic,
        &snapshot,
        &[video],
        &target,
        &Control::none(),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind, Kind::NoSpace, "{error} {}", error.detail);
    assert!(!target.exists(), "nothing half stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_fetched_replaces_nothing_until_it_is_told_to() {
    let world = World::new().await;
    let (data, snapshot, before) = changed(&world).await;
    let broken = contents(&data);
    let (control, all) = (Control::none(), Pick::All);
    for _ in 0..2 {
        fetch(&world.restic, &snapshot, &data, &all, "op", &control)
            .await
            .unwrap();
        assert_eq!(contents(&data), broken);
    }
    replace(&data, &all, "op").unwrap();
    replace(&data, &all, "op").unwrap();
    assert_eq!(contents(&data), before);
    roll_back(&data, "op").unwrap();
    roll_back(&data, "op").unwrap();
    assert_eq!(contents(&data), broken);
    assert_eq!(files(&data).len(), broken.len(), "nothing is left of it");
    assert_eq!(
        replace(&data, &all, "op").unwrap_err().kind,
        Kind::NotFound,
        "there is nothing to replace it with"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_removed_comes_back_with_its_rights() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new().await;
    let data = world.path("removed");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("file"), "text").unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o751)).unwrap();
    let what = Directories {
        paths: vec![data.clone()],
        ..Directories::default()
    };
    let made = world
        .restic
        .backup_directories(&what, &labels(), &Control::none())
        .await
        .unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    put_back(&world, &made.id, &data, &Pick::All, "op")
        .await
        .unwrap();
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o751);
    std::fs::remove_dir_all(&data).unwrap();
    let nothing = Pick::Paths(vec!["nowhere".to_owned()]);
    let error = put_back(&world, &made.id, &data, &nothing, "other").await;
    assert_eq!(error.unwrap_err().kind, Kind::NotFound);
    assert!(!data.exists(), "what failed leaves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_fetched_beside_lands_as_a_whole() {
    let world = World::new().await;
    let (data, snapshot, before) = changed(&world).await;
    let (side, control) = (world.path("beside"), Control::none());
    for _ in 0..2 {
        fetch_beside(&world.restic, &snapshot, &[], &side, "op", &control)
            .await
            .unwrap();
    }
    land_beside(&side, "op").unwrap();
    land_beside(&side, "op").unwrap();
    let there = side.join(data.strip_prefix("/").unwrap());
    assert_eq!(contents(&there), before);
    assert_eq!(std::fs::read_dir(&side).unwrap().count(), 1);
    let again = fetch_beside(&world.restic, &snapshot, &[], &side, "other", &control).await;
    assert_eq!(again.unwrap_err().kind, Kind::Exists);
}
