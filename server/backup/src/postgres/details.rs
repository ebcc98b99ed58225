//! What is kept beside a dump: roles, the manifest, and how to restore.

use std::path::PathBuf;

use tokio::io::AsyncReadExt;

use super::{
    DUMP_FILE, Details, Manifest, Server,
    backup::{Options, labels},
    tools::{Call, ToolName},
};
use crate::{
    Control, Error, Kind, Result,
    restic::{Directories, Made, Restic},
    said::Said,
    spool::Spool,
};

/// Globals of a server are never larger.
const LARGEST_GLOBALS: u64 = 64 << 20;

/// Roles and tablespaces as SQL, for those who restore by hand.
pub(super) async fn globals(
    server: &Server,
    database: &str,
    facts: &super::ServerFacts,
    has_passwords: bool,
) -> Result<Vec<u8>> {
    let mut args = vec!["--globals-only".to_owned()];
    if !has_passwords {
        args.push("--no-role-passwords".to_owned());
    }
    let call = Call {
        tool: ToolName::PgDumpall,
        major: facts.major(),
        address: &server.address,
        database,
        options: "",
        args,
        stdin: false,
    };
    let mut tool = server.tools.start(call).await?;
    let said = Said::of(Some(tool.stderr));
    let mut text = Vec::new();
    (&mut tool.stdout)
        .take(LARGEST_GLOBALS + 1)
        .read_to_end(&mut text)
        .await
        .map_err(|error| {
            Error::new(Kind::Interrupted, "pg_dumpall can't be read.").detail(error.to_string())
        })?;
    if text.len() as u64 > LARGEST_GLOBALS {
        return Err(Error::new(
            Kind::Other,
            "The server's roles and tablespaces take more than 64 MiB as SQL.",
        ));
    }
    let exit = tool.process.wait().await?;
    let said = said.end().await;
    if !exit.is_success {
        return Err(super::fault::tool("pg_dumpall", &exit.status, &said));
    }
    Ok(text)
}

pub(super) async fn details(
    spool: &Spool,
    all: &Details,
    restic: &Restic,
    options: &Options,
    control: &Control,
) -> Result<Made> {
    spool.write("details.json", &as_json(all)?)?;
    spool.write("README.txt", readme(&all.manifest, restic).as_bytes())?;
    let files = ["README.txt", "details.json", "globals.sql"];
    let what = Directories {
        paths: files.iter().map(PathBuf::from).collect(),
        folder: Some(spool.folder.clone()),
        ..Directories::default()
    };
    let made = restic
        .backup_directories(&what, &labels(options, "details"), control)
        .await?;
    if made.unreadable > 0 {
        return Err(Error::new(
            Kind::Other,
            "The backup's manifest could not be read on its way.",
        ));
    }
    Ok(made)
}

fn as_json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|error| {
        Error::new(Kind::Other, "The backup's manifest can't be written.").detail(error.to_string())
    })
}

/// How this backup is restored with restic and PostgreSQL's own programs.
fn readme(manifest: &Manifest, restic: &Restic) -> String {
    let dump = manifest
        .dump
        .as_ref()
        .map_or_else(String::new, |dump| dump.snapshot.to_string());
    format!(
        "Backup {id} of the database {name} (PostgreSQL {version}), taken at {at}.

The dump is the snapshot {dump} of the repository {repository}; this snapshot, with the tag part=details, has
globals.sql: the server's roles and tablespaces; details.json: what was in the database, and the roles as the console
reads them.

To restore it with nothing but restic and PostgreSQL's own programs, on a server of that version or later:

  export RESTIC_REPOSITORY='{repository}' RESTIC_PASSWORD_FILE=/path/to/password
  restic dump <this snapshot> /globals.sql | psql --dbname=postgres
      # roles that are there already give an error each, which does no harm
  restic dump {dump} {DUMP_FILE} > database.dump
  pg_restore --create --dbname=postgres --jobs=2 database.dump
      # under another name: createdb --template=template0 NAME; pg_restore --dbname=NAME --jobs=2 database.dump
",
        id = manifest.backup,
        name = super::names::ident(&manifest.database.name),
        version = manifest.server.version,
        at = manifest.taken_at,
        repository = restic.repository().location,
    )
}
