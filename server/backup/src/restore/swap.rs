//! Databases that change names, in one transaction.

use std::time::{Duration, Instant};

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::catalog::{
    Found, Mark, State, check_operation, claim, comment_of, drop_database, end_sessions, found,
    maintenance,
};
use crate::{
    Control, Error, Kind, Result, Stage,
    postgres::{Server, names, session::run, settings},
};

/// How often sessions are ended while a database changes its name.
const AGAIN: Duration = Duration::from_millis(20);

/// A switch that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switched {
    /// What the database that was live is called now; none where there was none.
    pub kept: Option<String>,
    /// How long nobody could connect; [`None`] where it had been switched before.
    pub pause: Option<Duration>,
}

/// What a restore came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server knows nothing of it: it was not begun, or what it left was discarded since.
    Nothing,
    /// It had not come to its end; its fresh database was dropped. The live database was never touched.
    RolledBack,
    /// Its fresh database is whole and waits: switch, or discard it.
    Ready(Found),
    /// It is done; the database before is kept.
    Switched(Found),
    /// It is done, and was undone.
    Undone(Found),
    /// It is done, under a name of its own.
    Copied(Found),
}

/// Gives the fresh database of a restore the live one's name. `at` names the database that is put aside:
/// `<name>_before_<yyyymmddThhmmssZ>`.
///
/// It is one transaction: it takes the lock that connecting takes too, so that new connections wait, has sessions ended,
/// and renames. Whatever is killed meanwhile, the live database has its name and takes connections.
///
/// # Errors
/// [`Kind::NotFound`] where nothing waits for a switch; [`Kind::Busy`] where sessions could not be ended, after five
/// seconds; those of the server. The live database is as it was then.
pub async fn switch(
    server: &Server,
    operation: &str,
    at: OffsetDateTime,
    control: &Control,
) -> Result<Switched> {
    let way = Way {
        from: State::Ready,
        to: State::Kept,
        suffix: "before",
        nothing: "No restored database waits for this switch. Restore it first.",
    };
    go(server, operation, at, control, &way).await
}

/// Gives the database before a restore its name back; the restored one is put aside as `<name>_undone_<at>`.
///
/// # Errors
/// [`Kind::NotFound`] where the database before is not kept any more; as [`switch`].
pub async fn undo(
    server: &Server,
    operation: &str,
    at: OffsetDateTime,
    control: &Control,
) -> Result<Switched> {
    let way = Way {
        from: State::Kept,
        to: State::Undone,
        suffix: "undone",
        nothing: "The database before this restore is not kept any more, so it can't be undone.",
    };
    go(server, operation, at, control, &way).await
}

/// Forth or back.
struct Way {
    /// The database that becomes the live one is in this state.
    from: State,
    /// The one that was live is put aside in this one.
    to: State,
    /// What its name then ends in, before the time.
    suffix: &'static str,
    /// What is said where there is neither.
    nothing: &'static str,
}

/// Goes `way`; where that was gone already, says so.
async fn go(
    server: &Server,
    operation: &str,
    at: OffsetDateTime,
    control: &Control,
    way: &Way,
) -> Result<Switched> {
    let all = of_operation(server, operation).await?;
    if let Some(found) = in_state(&all, way.from) {
        control.stage(Stage::Switch);
        let mut session = claim(server, &found.database).await?;
        let suffix = format!("_{}_{}", way.suffix, super::stamp(at));
        let put_aside = Aside {
            name: names::with_suffix(&found.database, &suffix),
            state: way.to,
        };
        return swap(server, &mut session, found, put_aside).await;
    }
    if let Some(gone) = in_state(&all, way.to) {
        return Ok(Switched {
            kept: Some(gone.name.clone()),
            pause: None,
        });
    }
    Err(Error::new(Kind::NotFound, way.nothing))
}

/// Drops what a restore left beside the live database: its fresh one, the one that is kept, or the one that was undone. A
/// copy under a name of its own stays.
///
/// # Errors
/// Those of the server.
pub async fn discard(server: &Server, operation: &str) -> Result<()> {
    let all = of_operation(server, operation).await?;
    for one in all.iter().filter(|one| one.state != State::Copy) {
        let mut session = claim(server, &one.database).await?;
        drop_database(&mut session, &one.name).await?;
    }
    Ok(())
}

/// What a restore came to, by the server's catalog alone; what had not come to its end is rolled back.
///
/// | databases with the restore's mark | what happened | what is done |
/// |---|---|---|
/// | none | not begun, or discarded | nothing |
/// | `filling`, or its name without a mark | killed before it was whole | it is dropped |
/// | `ready` | killed before the switch | the caller's choice: [`switch`] or [`discard`] |
/// | `kept` | switched | nothing; [`undo`] is possible |
/// | `undone` | switched and undone | nothing |
/// | `copy` | it has a name of its own | nothing |
///
/// # Errors
/// [`Kind::Busy`] where the restore still runs; those of the server.
pub async fn resume(server: &Server, operation: &str) -> Result<Outcome> {
    let all = of_operation(server, operation).await?;
    if let Some(one) = in_state(&all, State::Filling) {
        let mut session = claim(server, &one.database).await?;
        drop_database(&mut session, &one.name).await?;
        return Ok(Outcome::RolledBack);
    }
    for (state, outcome) in [
        (State::Ready, Outcome::Ready as fn(Found) -> Outcome),
        (State::Kept, Outcome::Switched),
        (State::Undone, Outcome::Undone),
        (State::Copy, Outcome::Copied),
    ] {
        if let Some(one) = in_state(&all, state) {
            return Ok(outcome(one.clone()));
        }
    }
    Ok(Outcome::Nothing)
}

/// Drops the fresh database of a restore that is not to be switched to. Where the switch was made, by whoever and whatever was
/// heard of it, nothing is dropped, and [`Outcome::Switched`] says so.
///
/// # Errors
/// As [`resume`].
pub async fn roll_back(server: &Server, operation: &str) -> Result<Outcome> {
    let left = resume(server, operation).await?;
    let Outcome::Ready(one) = left else {
        return Ok(left);
    };
    let mut session = claim(server, &one.database).await?;
    // By its own name, which a database that was switched to has no more.
    drop_database(&mut session, &one.name).await?;
    Ok(Outcome::RolledBack)
}

pub(super) async fn of_operation(server: &Server, operation: &str) -> Result<Vec<Found>> {
    check_operation(operation)?;
    let mut session = maintenance(server, "").await?;
    let mut all = found(&mut session).await?;
    all.retain(|one| one.operation == operation);
    Ok(all)
}

pub(super) fn in_state(all: &[Found], state: State) -> Option<&Found> {
    all.iter().find(|one| one.state == state)
}

/// What becomes of the database that is live.
struct Aside {
    name: String,
    state: State,
}

/// Gives `incoming` the live database's name.
async fn swap(
    server: &Server,
    session: &mut PgConnection,
    incoming: &Found,
    put_aside: Aside,
) -> Result<Switched> {
    let live = &incoming.database;
    let comment = comment_of(session, live).await?;
    if comment_of(session, &put_aside.name).await?.is_some() {
        return Err(Error::new(
            Kind::Exists,
            format!(
                "There is a database {} already. Start again in a second.",
                names::ident(&put_aside.name)
            ),
        ));
    }
    let mut other = maintenance(server, live).await?;
    run(session, "begin", "BEGIN; SET LOCAL lock_timeout = '3s'").await?;
    let result = renames(session, &mut other, incoming, &put_aside, comment.as_ref()).await;
    match result {
        Ok(pause) => Ok(Switched {
            kept: comment.map(|_| put_aside.name),
            pause: Some(pause),
        }),
        Err(error) => {
            // The server does the same where the session is gone.
            let _ = run(session, "roll back", "ROLLBACK").await;
            Err(error)
        }
    }
}

async fn renames(
    session: &mut PgConnection,
    other: &mut PgConnection,
    incoming: &Found,
    put_aside: &Aside,
    live_comment: Option<&Option<String>>,
) -> Result<Duration> {
    let live = &incoming.database;
    // The incoming one is locked and emptied first, which nobody notices: autovacuum may be at work in it.
    let between = names::with_suffix(&incoming.name, "_next");
    rename(session, other, &incoming.name, &between).await?;
    let started = Instant::now();
    if let Some(comment) = live_comment {
        rename(session, other, live, &put_aside.name).await?;
        let mark = Mark {
            operation: incoming.operation.clone(),
            state: put_aside.state,
            database: live.clone(),
            comment: comment.clone(),
        };
        run(
            session,
            "mark a database",
            &mark.comment_on(&put_aside.name)?,
        )
        .await?;
    }
    rename(session, other, &between, live).await?;
    run(
        session,
        "comment on a database",
        &settings::comment(live, incoming.comment.as_deref()),
    )
    .await?;
    run(session, "switch", "COMMIT").await?;
    Ok(started.elapsed())
}

/// Renames a database. The server waits up to five seconds for its sessions to end, with new ones waiting behind the
/// lock; meanwhile `other` ends them.
pub(super) async fn rename(
    session: &mut PgConnection,
    other: &mut PgConnection,
    from: &str,
    to: &str,
) -> Result<()> {
    let statement = format!(
        "ALTER DATABASE {} RENAME TO {}",
        names::ident(from),
        names::ident(to)
    );
    let ending = async {
        let end = end_sessions(from);
        loop {
            if let Err(error) = run(other, "end sessions", &end).await {
                return error;
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    let mut renaming = std::pin::pin!(run(session, "rename a database", &statement));
    tokio::select! {
        result = &mut renaming => result,
        // Whether they went by themselves, the server tells.
        error = ending => renaming.await.map_err(|_| error),
    }
}
