//! What restic's words and exit status mean.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

use super::Location;
use crate::{Error, Kind};

/// Signs of damage; each stands in a line of its own.
const DAMAGE: [&str; 11] = [
    "pack id does not match",
    "ciphertext verification failed",
    "repository contains errors",
    "invalid data returned",
    "is not contained in the index",
    "not found in index",
    "not found in repository",
    "hash mismatch",
    "wrong hash",
    "unexpected pack size",
    "does not exist",
];
const UNREACHABLE: [&str; 12] = [
    "connection refused",
    "no such host",
    "i/o timeout",
    "connection reset",
    "network is unreachable",
    "no route to host",
    "tls handshake",
    "error talking http to rclone",
    "unexpected http response",
    "broken pipe",
    "temporary failure in name resolution",
    "context deadline exceeded",
];

const NOT_FOUND: [&str; 4] = [
    "no matching id found",
    "not found in snapshot",
    "no snapshot found",
    "invalid id",
];

/// The failure that restic tells by its exit status and by what it `said`.
pub(super) fn of(location: &Location, status: ExitStatus, said: &str) -> Error {
    let kind = kind(status, &said.to_lowercase());
    Error::new(kind, sentence(kind, location, said)).detail(format!("restic: {status}\n{said}"))
}

fn kind(status: ExitStatus, low: &str) -> Kind {
    let has = |sign: &&str| low.contains(sign);
    // Numbers from 10 on are those of restic 0.17 and later.
    let code = status.code();
    if [
        "no space left on device",
        "disk quota exceeded",
        "insufficient storage",
    ]
    .iter()
    .any(has)
    {
        Kind::NoSpace
    } else if has(&"wrong password or no key found") || code == Some(12) {
        Kind::WrongPassword
    } else if has(&"repository is already locked")
        || has(&"unable to create lock")
        || code == Some(11)
    {
        Kind::Locked
    } else if has(&"didn't find section in config file") {
        Kind::Invalid
    } else if has(&"executable file not found") && has(&"rclone") {
        Kind::Tool
    } else if UNREACHABLE.iter().any(has) {
        Kind::Unreachable
    } else if has(&"is there a repository at the following location")
        || has(&"unable to open config file")
        || code == Some(10)
    {
        Kind::NoRepository
    } else if NOT_FOUND.iter().any(has) {
        Kind::NotFound
    } else if status.signal().is_some() || code == Some(130) || has(&"signal interrupt received") {
        Kind::Interrupted
    } else if DAMAGE.iter().any(has) {
        Kind::Damaged
    } else {
        Kind::Other
    }
}

fn sentence(kind: Kind, location: &Location, said: &str) -> String {
    match kind {
        Kind::NoSpace => format!(
            "The disk of the repository {location}, or of what is restored, is full. Make room there and start again; no snapshot was made."
        ),
        Kind::WrongPassword => format!(
            "The password file does not have the password of the repository {location}. Put the right one there; the recovery sheet has it."
        ),
        Kind::Locked => format!(
            "Another process works in the repository {location}. Wait until it ended; a lock whose process is gone is taken away by unlocking."
        ),
        Kind::Invalid => format!(
            "rclone's settings have no remote for {location}. Add it there, or correct the target."
        ),
        Kind::Tool => {
            "The program rclone is missing; install it on the console's machine.".to_owned()
        }
        Kind::Unreachable => format!(
            "The target {location} can't be reached. Check that it is up and that its credentials still hold; it is tried again."
        ),
        Kind::NoRepository => format!(
            "There is no repository at {location}. Check the target, or that its disk is mounted; a new target has to be set up first."
        ),
        Kind::NotFound => format!(
            "The repository {location} does not have that snapshot, or the snapshot does not have that file."
        ),
        Kind::Interrupted => {
            "restic was ended from outside; no snapshot was made. Start it again.".to_owned()
        }
        Kind::Damaged => {
            let named = damaged(said);
            let named = if named.is_empty() {
                String::new()
            } else {
                format!(" ({})", named.join(", "))
            };
            format!(
                "The repository {location} is damaged{named}. Backups that need what is damaged can't be restored from it: take a new backup now, and look at the disk under it."
            )
        }
        _ => format!("restic failed on {location}: {}", last_line(said)),
    }
}

/// What is damaged, each as `pack 5c4a0087dd` or `blob 44cf4c1804`; ten at most.
fn damaged(said: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in said.lines() {
        let low = line.to_lowercase();
        if !DAMAGE.iter().any(|sign| low.contains(sign)) {
            continue;
        }
        let what = if low.contains("blob") { "blob" } else { "pack" };
        let id = line.split(|c: char| !c.is_ascii_hexdigit()).find(|word| {
            word.len() == 64 || word.len() == 10 && word.contains(|c: char| c.is_ascii_digit())
        });
        let named = match id {
            Some(id) => format!("{what} {}", id.get(..10).unwrap_or(id)),
            None => match line.split_once("ignoring error for ") {
                Some((_, rest)) => format!("file {}", rest.split(": ").next().unwrap_or(rest)),
                None => continue,
            },
        };
        if !all.contains(&named) && all.len() < 10 {
            all.push(named);
        }
    }
    all
}

fn last_line(said: &str) -> &str {
    said.lines()
        .rfind(|line| line.contains("Fatal"))
        .or_else(|| said.lines().last())
        .unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(said: &str) -> (Kind, String) {
        let error = of(
            &Location::Local("/r".into()),
            ExitStatus::from_raw(1 << 8),
            said,
        );
        (error.kind, error.message)
    }

    #[test]
    fn words_of_restic_are_told_apart() {
        let cases = [
            ("Fatal: wrong password or no key found", Kind::WrongPassword),
            (
                "Fatal: unable to open config file: stat /r/config: no such file or directory\nIs there a repository at the following location?\n/r",
                Kind::NoRepository,
            ),
            (
                "unable to create lock in backend: repository is already locked by PID 5382 on vm by root",
                Kind::Locked,
            ),
            (
                "Fatal: unable to save snapshot: write /r/data/7a/7a: no space left on device",
                Kind::NoSpace,
            ),
            (
                "rclone: Failed to create file system for \"dav:r\": connect: connection refused\nFatal: unable to open repository",
                Kind::Unreachable,
            ),
            (
                "rclone: Failed to create file system: didn't find section in config file",
                Kind::Invalid,
            ),
            (
                "cannot dump file: path \"/nope\" not found in snapshot",
                Kind::NotFound,
            ),
            ("signal interrupt received, cleaning up", Kind::Interrupted),
            ("Fatal: something new", Kind::Other),
        ];
        for (said, expected) in cases {
            assert_eq!(told(said).0, expected, "{said}");
        }
    }

    #[test]
    fn damage_is_named() {
        let pack = "ce6884c421e06fcdb1bf9d6309f87d82a4c89ef35e9340aa697dce2158c04eea";
        let (found, message) = told(&format!(
            "Pack ID does not match, want {pack}, got 5c4a0087ddff64e25b0f8cffd16c3ab8bb0b1e046010f257bf18aae03797ef34\nFatal: repository contains errors"
        ));
        assert_eq!(found, Kind::Damaged);
        assert!(message.contains("(pack ce6884c421)"), "{message}");
        let (_, message) = told(
            "cannot dump file: decrypting blob 44cf4c1804d1ba1e28ba6ecb9a97b211a0b4978465f8d55d81118ea4407fda1a failed: ciphertext verification failed",
        );
        assert!(message.contains("(blob 44cf4c1804)"), "{message}");
        let (_, message) = told(
            "ignoring error for /src/big: ciphertext verification failed\nFatal: There were 1 errors",
        );
        assert!(message.contains("(file /src/big)"), "{message}");
    }
}
