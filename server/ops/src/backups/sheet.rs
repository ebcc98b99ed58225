//! The recovery sheet: what to do with restic and PostgreSQL's programs alone, on paper, with the repositories' password.

use std::fmt::Write;

use store::backups::targets;
use types::{Capability, Error, backups::BackupTarget};

use crate::{
    Actor, Fault, Ops, Outcome,
    audit::{self, Entry},
};

/// The sheet, as plain text. It holds the password that every backup can be read with, so that it was shown is recorded.
///
/// # Errors
/// The actor may not manage, or has not proved their password; there is no password yet; the database failed.
pub async fn sheet(ops: &Ops, actor: &Actor) -> Outcome<String> {
    const ACTION: &str = "backup.sheet";
    const TARGET: &str = "recovery sheet";
    let allowed = actor
        .may(Capability::Manage)
        .and_then(|_| actor.must_have_proved(ops.clock.now()));
    audit::permit(ops, actor, ACTION, TARGET, None, allowed).await?;
    let password = ops.backups.password().map_err(|error| Error::Unavailable {
        what: "The repositories' password".to_owned(),
        hint: error.message,
    })?;
    let all = targets::list(&ops.db).await?;
    let mut tx = ops.begin().await?;
    audit::record(&mut tx, ops, actor, Entry::done(ACTION, TARGET)).await?;
    Ops::commit(tx).await?;
    let made = ops
        .clock
        .now()
        .format(&time::format_description::well_known::Rfc3339)
        .map_err(|error| Fault::Inside(error.to_string()))?;
    Ok(text(&made, password.reveal(), &all))
}

fn text(made: &str, password: &str, targets: &[BackupTarget]) -> String {
    let mut places = String::new();
    for target in targets {
        // Writing to a string does not fail.
        let _ = writeln!(places, "  {:20} {}", target.name, target.location);
    }
    let first = targets
        .first()
        .map_or("/backup/ytops", |target| target.location.as_str());
    format!(
        "RECOVERY SHEET of ytops, made at {made}

Keep this apart from the machine. Whoever has it and reaches a repository can read every backup.

The password of every repository:

  {password}

The repositories:

{places}
What is needed: restic 0.14 or later, PostgreSQL's programs of the servers' version or later; rclone and its settings for a
place that begins with rclone:.

1. On any machine, put the password into a file that nobody else may read:

  umask 077; echo '{password}' > /root/password
  export RESTIC_REPOSITORY='{first}' RESTIC_PASSWORD_FILE=/root/password

2. What is there? Each finished backup of a database has a snapshot with the tag part=details; folders have no part.

  restic snapshots

3. A database. /README.txt of its snapshot names the snapshot of the dump, and has these lines for that backup:

  restic dump SNAPSHOT /README.txt
  restic dump SNAPSHOT /globals.sql | psql --dbname=postgres
  restic dump DUMP /database.dump > database.dump
  pg_restore --create --dbname=postgres --jobs=2 database.dump

   Roles that are there already give an error each in the second line, which does no harm.

4. Folders and settings:

  restic restore SNAPSHOT --target /somewhere

5. The console itself: install ytops, put its key file back (YTOPS_SECRET_KEY_FILE), set DATABASE_URL to where its database
   shall be, and with the console stopped

  ytops restore-self --from latest --repository '{first}' --password-file /root/password --yes

   It makes the database and the roles that lack, compares what it restored, and keeps this password where the console looks
   for it. Then ytops serve; its backups go on from there. Without ytops: the database of the set \"console\" as in 3.

Is a repository whole? restic check --read-data. Is it locked by a process that is gone? restic unlock.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_password_every_place_and_the_lines_to_type() {
        let target = |id, location: &str| BackupTarget {
            id,
            name: format!("place {id}"),
            location: location.to_owned(),
            checked_at: None,
            checked_whole_at: None,
            failure: None,
            bytes: None,
            free_bytes: None,
        };
        let all = [target(1, "/backup/one"), target(2, "rclone:drive:ytops")];
        let text = text("2026-11-24T03:00:00Z", "secret", &all);
        for part in [
            "  secret\n",
            "rclone:drive:ytops",
            "RESTIC_REPOSITORY='/backup/one'",
            "pg_restore --create",
            "ytops restore-self --from latest --repository '/backup/one'",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
}
