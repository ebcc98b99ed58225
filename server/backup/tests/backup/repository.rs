//! restic itself: streams, folders, checks, what is kept, and what is dropped.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use backup::{
    Control, Error, Event, Kind,
    restic::{Directories, Filter, Keep, Made, ReadData, Restic},
};
use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    task::JoinHandle,
};

use crate::support::{World, files, labels, no_error, noise, recorded, secret_file, until};

/// A producer that gives some bytes and then nothing for ever. restic tells of what it has cut, in pieces of 8 MiB at
/// most.
struct Stuck(Vec<u8>);

impl AsyncRead for Stuck {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.0.is_empty() {
            return Poll::Pending;
        }
        let length = self.0.len().min(buffer.remaining());
        buffer.put_slice(&self.0[..length]);
        self.0.drain(..length);
        Poll::Ready(Ok(()))
    }
}

/// A backup under way of a producer that stands still after `bytes`.
fn store_what_stands(
    world: &World,
    bytes: Vec<u8>,
    control: Control,
) -> JoinHandle<Result<Made, Error>> {
    let restic = world.restic.clone();
    tokio::spawn(async move {
        restic
            .backup_stream(Stuck(bytes), no_error(), "x.dump", &labels(), &control)
            .await
    })
}

async fn stream(restic: &Restic, bytes: &[u8], tag: &str) -> Made {
    let mut labels = labels();
    labels.tags.push(format!("round={tag}"));
    restic
        .backup_stream(bytes, no_error(), "x.dump", &labels, &Control::none())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_comes_back_and_the_second_adds_little() {
    let world = World::new().await;
    assert!(
        !world.restic.init().await.unwrap(),
        "init again changes nothing"
    );
    let mut bytes = noise(24 << 20, 1);
    let first = stream(&world.restic, &bytes, "1").await;
    assert_eq!((first.bytes_read, first.files_new), (24 << 20, 1));
    let listed = world.restic.snapshot(&first.id).await.unwrap();
    assert_eq!(listed.hostname, "sample");
    assert_eq!(listed.tag("round"), Some("1"));
    bytes[5 << 20] ^= 1;
    let second = stream(&world.restic, &bytes, "2").await;
    assert!(second.bytes_added < 10 << 20, "{second:?}");
    let back = world
        .restic
        .read(&second.id, "/x.dump", 64 << 20)
        .await
        .unwrap();
    assert!(back == bytes, "the bytes are those that were given");
    let error = world
        .restic
        .read(&second.id, "/x.dump", 1000)
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Invalid, "bounded");
    let error = world.restic.read(&second.id, "/y", 1000).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
    let all = world.restic.snapshots(&Filter::default()).await.unwrap();
    let only = Filter {
        tags: vec!["set=test".to_owned(), "round=1".to_owned()],
        host: Some("sample".to_owned()),
        ..Filter::default()
    };
    assert_eq!(all.len(), 2);
    let found = world.restic.snapshots(&only).await.unwrap();
    assert!(found.len() == 1 && found[0] == listed);
    assert_eq!(
        world.restic.restore_size(&only).await.unwrap().bytes,
        24 << 20
    );
    let listing = world.restic.list(&first.id, "/", 10).await.unwrap();
    assert_eq!(
        (listing.entries[0].path.as_str(), listing.entries[0].size),
        ("/x.dump", 24 << 20)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_that_fails_leaves_no_snapshot() {
    let world = World::new().await;
    let bytes = noise(24 << 20, 2);
    let failed = async { Err(backup_error()) };
    let error = world
        .restic
        .backup_stream(&bytes[..], failed, "x.dump", &labels(), &Control::none())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::SourceGone, "the producer's own error");
    // Dropped, as where the console ends: restic has read all that there was.
    let (control, events) = recorded();
    let task = store_what_stands(&world, bytes.clone(), control);
    until("more than half", async || {
        events
            .lock()
            .unwrap()
            .iter()
            .any(|event| matches!(event, Event::Progress(done) if done.bytes_done > 12 << 20))
    })
    .await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(
        world.restic.snapshots(&Filter::default()).await.unwrap(),
        []
    );
    assert_no_child(&world).await;
    // Killed, it had to leave its lock; it is a dead one.
    world.restic.unlock().await.unwrap();
    world
        .restic
        .check(ReadData::All, &Control::none())
        .await
        .unwrap();
}

fn backup_error() -> Error {
    // Only the package makes errors; any will do.
    let mut error = "nowhere".parse::<backup::restic::Location>().unwrap_err();
    error.kind = Kind::SourceGone;
    error
}

/// No restic, nor rclone, works for this test any more.
async fn assert_no_child(world: &World) {
    let sign = world.folder.display().to_string();
    until("the end of restic", async || {
        !std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            std::fs::read(entry.path().join("cmdline")).is_ok_and(|line| {
                let line = String::from_utf8_lossy(&line);
                line.starts_with("restic") && line.contains(&sign)
            })
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_leaves_neither_snapshot_nor_lock() {
    let world = World::new().await;
    let (control, events) = recorded();
    let cancel = control.cancel.clone();
    let task = store_what_stands(&world, noise(24 << 20, 3), control);
    until("progress", async || {
        events
            .lock()
            .unwrap()
            .iter()
            .any(|event| matches!(event, Event::Progress(done) if done.bytes_done > 0))
    })
    .await;
    cancel.cancel();
    assert_eq!(task.await.unwrap().unwrap_err().kind, Kind::Cancelled);
    assert_eq!(
        world.restic.snapshots(&Filter::default()).await.unwrap(),
        []
    );
    assert_eq!(
        files(&world.path("repository/locks")).len(),
        0,
        "it ended in good order"
    );
    assert_no_child(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_come_back_without_what_is_excluded() {
    let world = World::new().await;
    let data = world.path("data");
    std::fs::create_dir_all(data.join("sub [1]*")).unwrap();
    std::fs::create_dir_all(data.join(".ytops-restore-old")).unwrap();
    std::fs::write(data.join(".ytops-restore-old/x"), "aside").unwrap();
    std::fs::write(data.join("a.log"), "no").unwrap();
    std::fs::write(data.join("-dash"), "yes").unwrap();
    std::fs::write(data.join("sub [1]*/b"), noise(3000, 4)).unwrap();
    std::fs::write(data.join("other"), "other").unwrap();
    let what = Directories {
        paths: vec![data.clone()],
        excludes: vec!["*.log".to_owned()],
        folder: None,
    };
    let made = world
        .restic
        .backup_directories(&what, &labels(), &Control::none())
        .await
        .unwrap();
    assert_eq!((made.files_new, made.unreadable), (3, 0));
    std::fs::write(data.join("other"), "changed").unwrap();
    let again = world
        .restic
        .backup_directories(&what, &labels(), &Control::none())
        .await
        .unwrap();
    assert_eq!(
        (again.files_new, again.files_changed, again.files_unmodified),
        (0, 1, 2)
    );
    let out = world.path("out");
    let shown = data.display().to_string();
    world
        .restic
        .restore(
            &made.id,
            &[format!("{shown}/sub [1]*")],
            &out,
            &Control::none(),
        )
        .await
        .unwrap();
    let restored: Vec<_> = files(&out);
    assert_eq!(restored.len(), 1, "{restored:?}");
    assert_eq!(std::fs::read(&restored[0]).unwrap(), noise(3000, 4));
    let listing = world.restic.list(&made.id, &shown, 2).await.unwrap();
    assert!(listing.is_cut && listing.entries.len() == 2);
    assert_eq!(
        world
            .restic
            .list(&made.id, "/nowhere", 2)
            .await
            .unwrap_err()
            .kind,
        Kind::NotFound
    );
    let missing = Directories {
        paths: vec![world.path("missing")],
        ..Directories::default()
    };
    let error = world
        .restic
        .backup_directories(&missing, &labels(), &Control::none())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_in_a_pack_is_found_and_named() {
    let world = World::new().await;
    let made = stream(&world.restic, &noise(20 << 20, 5), "1").await;
    let (control, events) = recorded();
    world.restic.check(ReadData::All, &control).await.unwrap();
    assert!(events.lock().unwrap().iter().any(
        |event| matches!(event, Event::Progress(done) if done.files_total == Some(done.files_done))
    ));
    let pack = world.packs().remove(0);
    flip(&pack, 1000);
    let name = pack.file_name().unwrap().to_str().unwrap()[..10].to_owned();
    let error = world
        .restic
        .check(ReadData::All, &Control::none())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Damaged);
    assert!(error.message.contains(&format!("pack {name}")), "{error}");
    // All parts together find it too.
    let mut found = 0;
    for part in 1..=3 {
        if world
            .restic
            .check(ReadData::Part { part, parts: 3 }, &Control::none())
            .await
            .is_err()
        {
            found += 1;
        }
    }
    assert_eq!(found, 1);
    assert_eq!(
        world
            .restic
            .check(ReadData::Part { part: 4, parts: 3 }, &Control::none())
            .await
            .unwrap_err()
            .kind,
        Kind::Invalid
    );
    let error = world
        .restic
        .read(&made.id, "/x.dump", 64 << 20)
        .await
        .unwrap_err();
    assert_eq!(
        error.kind,
        Kind::Damaged,
        "a reader never takes the rest for the whole: {error}"
    );
}

pub(crate) fn flip(path: &std::path::Path, at: usize) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_plan_and_named_snapshots_are_forgotten() {
    let world = World::new().await;
    assert_eq!(
        world
            .restic
            .plan(
                &Filter::default(),
                Keep {
                    last: 1,
                    ..Keep::default()
                }
            )
            .await
            .unwrap()
            .keep,
        []
    );
    for round in ["1", "2", "3"] {
        stream(&world.restic, &noise(2 << 20, 6), round).await;
    }
    let made = world.restic.snapshots(&Filter::default()).await.unwrap();
    let plan = world
        .restic
        .plan(
            &Filter::default(),
            Keep {
                last: 2,
                ..Keep::default()
            },
        )
        .await
        .unwrap();
    assert!(plan.forget.len() == 1 && plan.forget[0] == made[0]);
    assert_eq!(
        world
            .restic
            .plan(&Filter::default(), Keep::default())
            .await
            .unwrap_err()
            .kind,
        Kind::Invalid
    );
    let after = world.restic.snapshots(&Filter::default()).await.unwrap();
    assert_eq!(after, made, "a plan forgets nothing");
    let ids = [made[0].id.clone(), made[1].id.clone()];
    world.restic.forget(&ids).await.unwrap();
    world.restic.forget(&ids).await.unwrap();
    world.restic.prune(&Control::none()).await.unwrap();
    assert_eq!(
        world.restic.snapshots(&Filter::default()).await.unwrap(),
        [made[2].clone()]
    );
    world
        .restic
        .check(ReadData::All, &Control::none())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_lives_is_told_and_stays() {
    let world = World::new().await;
    let (control, events) = recorded();
    let cancel = control.cancel.clone();
    let task = store_what_stands(&world, noise(8 << 20, 7), control);
    until("a lock", async || {
        !events.lock().unwrap().is_empty() && !files(&world.path("repository/locks")).is_empty()
    })
    .await;
    world.restic.unlock().await.unwrap();
    assert_eq!(
        world
            .restic
            .check(ReadData::None, &Control::none())
            .await
            .unwrap_err()
            .kind,
        Kind::Locked
    );
    cancel.cancel();
    task.await.unwrap().unwrap_err();
    world
        .restic
        .check(ReadData::None, &Control::none())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_programs_are_checked() {
    let world = World::new().await;
    let secret = "battery staple of another horse";
    secret_file(&world.path("password"), secret);
    let error = world
        .restic
        .snapshots(&Filter::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::WrongPassword);
    assert!(!format!("{error:?}").contains(secret));
    assert_eq!(
        world.restic.init().await.unwrap_err().kind,
        Kind::WrongPassword,
        "never made anew"
    );
    let repository = world.restic.repository().clone();
    let error = Restic::new("/nowhere/restic", repository.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Tool);
    let old = world.path("old-restic");
    std::fs::write(&old, "#!/bin/sh\necho restic 0.9.6 compiled with go1.13\n").unwrap();
    std::fs::set_permissions(&old, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let error = Restic::new(&old, repository.clone()).await.unwrap_err();
    assert!(
        error.kind == Kind::Tool && error.message.contains("0.9.6"),
        "{error}"
    );
    std::fs::set_permissions(
        world.path("password"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    let error = Restic::new("restic", repository).await.unwrap_err();
    assert!(
        error.kind == Kind::Invalid && error.message.contains("chmod 600"),
        "{error}"
    );
    let nowhere = world.path("nowhere").display().to_string();
    secret_file(&world.path("password"), "correct horse");
    let error = world
        .elsewhere(&nowhere)
        .await
        .snapshots(&Filter::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::NoRepository);
}

/// What the children are given is what they need.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_the_console_reaches_restic() {
    let world = World::new().await;
    let spy = world.path("spy");
    std::fs::write(&spy, format!("#!/bin/sh\n[ \"$1\" = version ] && exec restic version\nenv > {0}/env\necho \"$@\" > {0}/args\nexec restic \"$@\"\n", world.folder.display())).unwrap();
    std::fs::set_permissions(&spy, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let restic = Restic::new(&spy, world.restic.repository().clone())
        .await
        .unwrap();
    restic.snapshots(&Filter::default()).await.unwrap();
    let seen = std::fs::read_to_string(world.path("env")).unwrap()
        + &std::fs::read_to_string(world.path("args")).unwrap();
    assert!(
        seen.contains("--password-file") && !seen.contains("correct horse"),
        "{seen}"
    );
    assert!(!seen.contains("DATABASE_URL"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stops_ends_restic() {
    let world = World::new().await;
    let made = stream(&world.restic, &noise(20 << 20, 8), "1").await;
    let mut dumping = world.restic.dump(&made.id, "/x.dump").unwrap();
    assert!(dumping.next().await.unwrap().is_some());
    drop(dumping);
    assert_no_child(&world).await;
    let (mut near, far) = tokio::io::duplex(1 << 16);
    drop(far);
    let error = world
        .restic
        .dump_to(&made.id, "/x.dump", &mut near, None, &Control::none())
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Interrupted);
    near.shutdown().await.ok();
    tokio::time::timeout(Duration::from_secs(30), assert_no_child(&world))
        .await
        .unwrap();
}
