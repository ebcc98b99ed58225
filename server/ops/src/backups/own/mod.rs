//! The console's own database restored while no console runs on it. Nothing is known before but a repository and its
//! password: on a new machine there is no other.

mod find;

use std::path::Path;

use backup::{
    Control, Error, Event, Kind, Stage,
    postgres::{self, Details, Server, Stored},
    restic::Restic,
    restore::{self, State},
};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use self::find::{latest, named};
use super::{OwnDatabase, Place, drill, take};

/// Where the backup is.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// A snapshot, the identity of a backup, or `latest`.
    pub what: &'a str,
    /// The repository; none for the one on this machine.
    pub location: Option<&'a str>,
    /// The file with its password; none for the console's own.
    pub password_file: Option<&'a Path>,
}

/// What would be restored, and onto what.
pub struct Plan {
    own: OwnDatabase,
    restic: Restic,
    stored: Stored,
    details: Details,
    /// Whether there is a database of that name already.
    pub is_there: bool,
}

impl Plan {
    /// The backup's identity.
    pub fn backup(&self) -> &str {
        &self.stored.id
    }

    /// When it was taken, RFC 3339.
    pub fn taken_at(&self) -> &str {
        &self.details.manifest.taken_at
    }

    /// The database as it was called when it was backed up.
    pub fn database(&self) -> &str {
        &self.details.manifest.database.name
    }

    /// Bytes that it took.
    pub fn bytes(&self) -> u64 {
        self.details.manifest.database.size
    }
}

/// A restore that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What was compared.
    pub compared: String,
    /// What the database that was there is called now; none where there was none.
    pub kept: Option<String>,
    /// Roles that were missing and were made.
    pub roles: Vec<String>,
    /// The repositories' password was put where the console looks for it.
    pub adopted: bool,
}

fn fault(kind: Kind, message: impl Into<String>) -> Error {
    Error {
        kind,
        message: message.into(),
        detail: String::new(),
    }
}

/// Finds the backup, and looks at what it would replace. Nothing is changed.
///
/// # Errors
/// The repository can't be read; it has no such backup, or several consoles' and it is not said which; the backup is of
/// another database; a console runs on the database, or somebody else is in it; the server does not answer.
pub async fn plan(place: &Place, from: Source<'_>) -> Result<Plan, Error> {
    let own = place.own().cloned();
    let own = own.ok_or_else(|| fault(Kind::Invalid, "DATABASE_URL names no database."))?;
    let here = place.repository().display().to_string();
    let location = from.location.unwrap_or(&here);
    let restic = place.existing(location, from.password_file).await?;
    let is_there = free(&own).await?;
    let (stored, details) = if from.what == "latest" {
        latest(&restic, &own.name).await?
    } else {
        named(&restic, from.what).await?
    };
    Ok(Plan {
        own,
        restic,
        stored,
        details,
        is_there,
    })
}

/// Whether the database is there; nobody may be in it.
async fn free(own: &OwnDatabase) -> Result<bool, Error> {
    let server = Server::local(own.address.clone());
    let sessions = postgres::sessions(&server, &own.name, store::leader::OF_LOOPS).await?;
    let Some(sessions) = sessions else {
        return Ok(false);
    };
    if sessions.iter().any(|session| session.has_lock) {
        return Err(fault(
            Kind::Busy,
            format!(
                "A console runs on the database {}. Stop it first.",
                own.name
            ),
        ));
    }
    if let Some(other) = sessions.first() {
        let from = if other.address.is_empty() {
            "this machine"
        } else {
            &other.address
        };
        return Err(fault(
            Kind::Busy,
            format!(
                "The database {} is in use by \"{}\" from {from}, sessions: {}. End what uses it first.",
                own.name,
                other.program,
                sessions.len()
            ),
        ));
    }
    Ok(true)
}

/// Restores beside what is there, compares, and gives it the name. `hear` is told what happens.
///
/// # Errors
/// Somebody came into the database meanwhile; what was restored is not what was backed up; those of server and repository.
/// What was there stands then as it was.
pub async fn restore(
    place: &Place,
    plan: &Plan,
    now: OffsetDateTime,
    hear: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Done, Error> {
    let own = &plan.own;
    let server = Server::local(own.address.clone());
    sweep(&server, &own.name).await?;
    let control = Control::new(CancellationToken::new(), move |event| match event {
        Event::Stage(stage) => hear(said(stage)),
        Event::Note(note) => hear(&note),
        Event::Progress(_) => {}
    });
    let label = take::label("restore");
    let request = restore::Request::new(&label, &own.name, place.spool());
    let filled = restore::fill(&server, &plan.restic, &plan.stored, &request, &control).await?;
    if !filled.is_ready {
        return Err(fault(Kind::Damaged, drill::differs(&filled)));
    }
    let switched = async {
        free(own).await?;
        restore::switch(&server, &label, now, &control).await
    };
    let kept = match switched.await {
        Ok(switched) => switched.kept,
        Err(error) => match restore::roll_back(&server, &label).await {
            // The switch was made, and the word of it lost.
            Ok(restore::Outcome::Switched(kept)) => Some(kept.name),
            _ => return Err(error),
        },
    };
    let file = &plan.restic.repository().password_file;
    let adopted = place.adopt(file).map_err(|error| {
        fault(
            Kind::Other,
            format!(
                "It is restored. But the repositories' password can't be kept in {}: {error}. Put it there by hand.",
                place.spool().with_file_name("password").display()
            ),
        )
    })?;
    Ok(Done {
        compared: drill::compared(&filled.comparison),
        kept,
        roles: filled.created_roles,
        adopted,
    })
}

/// A stage in words.
const fn said(stage: Stage) -> &'static str {
    match stage {
        Stage::Fetch => "The dump is fetched from the repository.",
        Stage::Fill => "It is restored beside what is there.",
        Stage::Compare => "It is compared with what was backed up.",
        Stage::Ready => "It is whole.",
        Stage::Switch => "It gets its name.",
        Stage::Prepare | Stage::Snapshot | Stage::Dump | Stage::Details => "It is prepared.",
    }
}

/// Drops what an attempt that was killed has left beside the database.
async fn sweep(server: &Server, database: &str) -> Result<(), Error> {
    for left in restore::survey(server).await? {
        if left.database == database && matches!(left.state, State::Filling | State::Ready) {
            restore::discard(server, &left.operation).await?;
        }
    }
    Ok(())
}
