//! A restored database that gets a name of its own, beside the live one.

use super::{
    catalog::{Found, Mark, State, claim, comment_of, maintenance},
    swap::{in_state, of_operation, rename},
};
use crate::{
    Control, Error, Kind, Result, Stage,
    postgres::{Server, names, session::run},
};

/// Gives the fresh database of a restore the name that the restore was asked for, which no database may have. It keeps a
/// comment that says where it comes from, so that it is not taken for one of the platform's.
///
/// # Errors
/// [`Kind::Exists`] where there is a database of that name; [`Kind::NotFound`] where nothing waits for its name; those of the
/// server.
pub async fn name_copy(server: &Server, operation: &str, control: &Control) -> Result<String> {
    let all = of_operation(server, operation).await?;
    if let Some(done) = in_state(&all, State::Copy) {
        return Ok(done.name.clone());
    }
    let found = in_state(&all, State::Ready).ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            "No restored database waits for its name. Restore it first.",
        )
    })?;
    control.stage(Stage::Switch);
    give_name(server, found).await?;
    Ok(found.database.clone())
}

async fn give_name(server: &Server, fresh: &Found) -> Result<()> {
    let name = &fresh.database;
    let mut session = claim(server, name).await?;
    if comment_of(&mut session, name).await?.is_some() {
        return Err(Error::new(
            Kind::Exists,
            format!(
                "There is a database {} already. Choose another name.",
                names::ident(name)
            ),
        ));
    }
    let mark = Mark {
        operation: fresh.operation.clone(),
        state: State::Copy,
        database: name.clone(),
        comment: fresh.comment.clone(),
    };
    let mark = mark.comment_on(name)?;
    let mut other = maintenance(server, name).await?;
    run(
        &mut session,
        "begin",
        "BEGIN; SET LOCAL lock_timeout = '3s'",
    )
    .await?;
    let named = async {
        rename(&mut session, &mut other, &fresh.name, name).await?;
        run(&mut session, "mark the database", &mark).await?;
        run(&mut session, "name the database", "COMMIT").await
    };
    let named = named.await;
    if named.is_err() {
        // The server does the same where the session is gone.
        let _ = run(&mut session, "roll back", "ROLLBACK").await;
    }
    named
}

/// Whether a database of that name is on the server.
///
/// # Errors
/// Those of the server.
pub async fn is_taken(server: &Server, name: &str) -> Result<bool> {
    let mut session = maintenance(server, name).await?;
    Ok(comment_of(&mut session, name).await?.is_some())
}
