//! What a start tells a person: where the console is and, while there is no account, how to make the first.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{ErrorKind, IsTerminal, Result, Write},
    os::{
        fd::AsFd,
        unix::fs::{MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    time::Duration,
};

use ops::{Ops, identity::setup};

use crate::{config::Config, logging};

/// How often it is asked whether the link in the file can still be used.
const ASK_EVERY: Duration = Duration::from_mins(1);

/// The first process of a container or machine writes there.
const FIRST_OUTPUT: &str = "/proc/1/fd/1";

/// Files that container engines make.
const OF_CONTAINERS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Says where the console is and, while there is no account, how to make the first: in one piece and apart from the log's
/// lines, for a person to find. The link is a secret: where the output is kept by a log, it goes into a file instead,
/// which is taken away once the link can't be used any more.
pub async fn announce(ops: &Ops, config: &Config) {
    let address = &config.public_url;
    let file = config.data_dir.join("setup-link");
    if let Err(error) = remove(&file) {
        tracing::warn!(error = %error, file = %file.display(), "An old set-up link can't be removed.");
    }
    let token = match setup::link::create(ops).await {
        Ok(token) => token,
        Err(fault) => {
            tracing::error!(error = %fault, "No set-up link could be made.");
            None
        }
    };
    let mut kept = None;
    let told = match &token {
        None => String::new(),
        Some(token) => {
            let link = format!("{address}/setup?token={token}");
            if is_logged() {
                let (told, written) = in_file(&file, &link);
                kept = written.then_some(token);
                told
            } else {
                format!(
                    "\n  Make the first account here; the link works once, within 24 hours:\n  {link}\n"
                )
            }
        }
    };
    tracing::info!(listen = %config.listen, public_url = address, "The console is up.");
    let log = logging::file(config);
    let log = log.display();
    let block = format!("\n  ytops serves {address}\n  Its log: {log}\n{told}\n");
    print!("{block}");
    if let Some(token) = kept {
        remove_when_dead(ops, token, &file).await;
    }
}

/// Writes the link into `file`; gives what to say of it, and whether it is there.
fn in_file(file: &Path, link: &str) -> (String, bool) {
    let shown = file.display();
    match write(file, link) {
        Ok(()) => (
            format!(
                "\n  Make the first account by the link in this file; it works once, within 24 hours:\n  {shown}\n"
            ),
            true,
        ),
        Err(error) => {
            tracing::error!(error = %error, file = %shown, "The set-up link can't be written.");
            (
                "\n  Make the first account: ytops user add\n".to_owned(),
                false,
            )
        }
    }
}

async fn remove_when_dead(ops: &Ops, token: &str, file: &Path) {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        // A database that is away says nothing of the link.
        if setup::is_open(ops, token).await.is_ok_and(|open| !open) {
            break;
        }
    }
    if let Err(error) = remove(file) {
        tracing::warn!(error = %error, file = %file.display(), "The dead set-up link can't be removed.");
    }
}

/// Readable by its owner alone, and never through a link that somebody else laid there.
fn write(file: &Path, link: &str) -> Result<()> {
    remove(file)?;
    let mut made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    writeln!(made, "{link}")
}

fn remove(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// True where what is printed ends up in the journal or a container's log.
fn is_logged() -> bool {
    let output = std::io::stdout();
    if output.is_terminal() {
        return false;
    }
    let Ok(output) = output
        .as_fd()
        .try_clone_to_owned()
        .and_then(|output| File::from(output).metadata())
    else {
        return true;
    };
    let journal = std::env::var("JOURNAL_STREAM").ok();
    if journal.is_some_and(|journal| is_journal(&journal, &output)) {
        return true;
    }
    let is_contained = OF_CONTAINERS
        .into_iter()
        .map(PathBuf::from)
        .any(|mark| mark.exists());
    is_contained && (std::process::id() == 1 || is_same(Path::new(FIRST_OUTPUT), &output))
}

/// systemd names the journal's stream by device and inode.
fn is_journal(journal: &str, output: &Metadata) -> bool {
    journal == format!("{}:{}", output.dev(), output.ino())
}

fn is_same(path: &Path, output: &Metadata) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|other| (other.dev(), other.ino()) == (output.dev(), output.ino()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]

    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_link_in_a_file_is_its_owners_alone_and_follows_no_symlink() {
        let folder = std::env::temp_dir().join(format!("ytops-link-{:x}", rand::random::<u64>()));
        std::fs::create_dir(&folder).unwrap();
        let (file, elsewhere) = (folder.join("setup-link"), folder.join("elsewhere"));
        std::fs::write(&elsewhere, "as it was").unwrap();
        symlink(&elsewhere, &file).unwrap();
        for link in ["http://a/setup?token=1", "http://a/setup?token=2"] {
            let (told, written) = in_file(&file, link);
            assert!(written && !told.contains("token"), "{told}");
            assert!(told.contains(&file.display().to_string()), "{told}");
            let text = std::fs::read_to_string(&file).unwrap();
            assert_eq!(text, format!("{link}\n"));
        }
        let mode = std::fs::symlink_metadata(&file).unwrap().permissions();
        assert_eq!(mode.mode() & 0o7777, 0o600);
        assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "as it was");
        remove(&file).unwrap();
        remove(&file).unwrap();
        assert!(!file.exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_journal_is_known_by_its_stream() {
        let here = std::fs::metadata("/proc/self/exe").unwrap();
        let stream = format!("{}:{}", here.dev(), here.ino());
        assert!(is_journal(&stream, &here));
        assert!(!is_journal("8:1", &here));
        assert!(!is_journal("", &here));
        assert!(is_same(Path::new("/proc/self/exe"), &here));
        assert!(!is_same(Path::new("/dev/null"), &here));
    }
}
