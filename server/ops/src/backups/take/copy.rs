//! A copy at one target.

use std::path::PathBuf;

use backup::{
    Error, Kind,
    postgres::{self, Options},
    restic::{Directories, Labels, Restic},
};
use store::backups::{
    sets::Set,
    taken::{self, Figures, Made},
    targets::Target,
};

use super::{
    super::{
        drive::{driven, ended, once_unlocked},
        source,
    },
    signed,
};
use crate::{
    Ops, Outcome,
    operations::{At, Ended},
};

/// What a backup's copy at one target came to.
pub(super) struct Done {
    /// The snapshot.
    pub snapshot: String,
    /// How much it holds.
    pub figures: Figures,
    /// Bytes that reading it back takes.
    pub bytes: u64,
}

/// Makes the copy at one target and notes how that went; the inner error is the target's or the source's.
pub(super) async fn copy_to(
    ops: &Ops,
    at: &At,
    set: &Set,
    label: &str,
    backup: i64,
    target: &Target,
) -> Result<Result<Done, Error>, Ended> {
    let done = copy(ops, at, set, label, target).await?;
    let failure = done.as_ref().err().map(|error| error.message.as_str());
    let made = Made {
        snapshot: done.as_ref().ok().map(|done| done.snapshot.as_str()),
        verified_at: None,
        failure,
    };
    let noted: Outcome<()> = async {
        let mut tx = ops.begin().await?;
        taken::copied(&mut tx, backup, target.id, made, ops.clock.now()).await?;
        Ops::commit(tx).await
    }
    .await;
    noted?;
    match done {
        Err(error) if error.kind == Kind::Cancelled => Err(ended(at, error)),
        Err(error) => {
            at.say(&format!("{}: {}", target.name, error.message)).await;
            Ok(Err(error))
        }
        Ok(done) => Ok(Ok(done)),
    }
}

async fn copy(
    ops: &Ops,
    at: &At,
    set: &Set,
    label: &str,
    target: &Target,
) -> Result<Result<Done, Error>, Ended> {
    let restic = match once_unlocked(at, || ops.backups.restic(&target.location)).await {
        Ok(restic) => restic,
        Err(error) => return Ok(Err(error)),
    };
    let driven = driven(at);
    let labels = Labels {
        host: "ytops".to_owned(),
        tags: vec![format!("set={}", set.id)],
    };
    if set.kind.is_database() {
        let (server, database) = match source::server(ops, set).await? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let options = Options {
            checksum_up_to: set.settings.checksum_up_to,
            ..Options::new(label, labels, ops.backups.spool())
        };
        let work = || {
            Box::pin(database_to(
                &restic,
                &server,
                &database,
                label,
                &options,
                &driven.control,
            ))
        };
        Ok(once_unlocked(at, work).await)
    } else {
        let work = || files_to(&restic, set, label, labels.clone(), &driven.control);
        Ok(once_unlocked(at, work).await)
    }
}

async fn database_to(
    restic: &Restic,
    server: &postgres::Server,
    database: &str,
    label: &str,
    options: &Options,
    control: &backup::Control,
) -> Result<Done, Error> {
    // What an attempt that was killed has left is taken again from the start.
    match postgres::load(restic, label).await {
        Ok(left) => restic.forget(&left.snapshots()).await?,
        Err(error) if error.kind == Kind::NotFound => {}
        Err(error) => return Err(error),
    }
    restic.unlock().await?;
    let made = Box::pin(postgres::backup(server, database, restic, options, control)).await?;
    let rows = made.manifest.rows();
    let bytes = made.dump.bytes_read + made.details.bytes_read;
    Ok(Done {
        snapshot: made.dump.id.to_string(),
        figures: Figures {
            bytes_read: signed(bytes),
            bytes_added: signed(made.dump.bytes_added + made.details.bytes_added),
            items: signed(made.manifest.relations.len() as u64),
            rows: signed(rows.values().sum()),
        },
        bytes,
    })
}

async fn files_to(
    restic: &Restic,
    set: &Set,
    label: &str,
    mut labels: Labels,
    control: &backup::Control,
) -> Result<Done, Error> {
    labels.tags.push(format!("backup={label}"));
    let what = Directories {
        paths: set.settings.paths.iter().map(PathBuf::from).collect(),
        excludes: set.settings.excludes.clone(),
        folder: None,
    };
    restic.unlock().await?;
    let made = Box::pin(restic.backup_directories(&what, &labels, control)).await?;
    if made.unreadable > 0 {
        let named: Vec<&str> = made
            .unreadable_names
            .iter()
            .map(String::as_str)
            .take(3)
            .collect();
        return Err(Error {
            kind: Kind::Other,
            message: format!(
                "{} files could not be read, such as {}. Let the console read them, or leave them out.",
                made.unreadable,
                named.join(", ")
            ),
            detail: made.unreadable_names.join("\n"),
        });
    }
    Ok(Done {
        snapshot: made.id.to_string(),
        figures: Figures {
            bytes_read: signed(made.bytes_read),
            bytes_added: signed(made.bytes_added),
            items: signed(made.files_new + made.files_changed + made.files_unmodified),
            rows: 0,
        },
        bytes: made.bytes_read,
    })
}
