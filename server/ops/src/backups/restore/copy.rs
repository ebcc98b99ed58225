//! A database restored under a name of its own, beside the live one, to be looked at.

use backup::restore;
use store::backups::sets::Set;
use types::operations::NAME_COPY;

use super::{
    super::{
        drive::{driven, ended, once_free},
        source,
    },
    Request,
    note::{Done, begin, note},
    work::ready,
};
use crate::operations::{At, Ended};

/// Restores a database under a name that no other has, and compares it; nothing is switched. Killed at any stage, another
/// attempt goes on from what the server's catalog tells.
pub(super) async fn run(at: &At, set: &Set, request: Request, name: &str) -> Result<(), Ended> {
    let ops = at.ops();
    let Request { backup, label, .. } = request;
    let (server, _) = source::server(ops, set)
        .await?
        .map_err(|error| ended(at, error))?;
    let restore_id = begin(at, set, backup, &label).await?;
    ready(at, set, &server, name, backup, &label).await?;
    let named = at
        .stage(NAME_COPY, async {
            let driven = driven(at);
            once_free(at, || restore::name_copy(&server, &label, &driven.control))
                .await
                .map_err(|error| ended(at, error))?;
            let quoted = name.replace('"', "\"\"");
            Ok((
                (),
                format!("it is the database {name}; DROP DATABASE \"{quoted}\" removes it"),
            ))
        })
        .await;
    match named {
        Ok(()) => note(ops, set, restore_id, Some(backup), Done::Beside).await,
        Err(Ended::Lost) => Err(Ended::Lost),
        Err(why) => {
            if let Err(error) = once_free(at, || restore::roll_back(&server, &label)).await {
                at.say(&format!(
                    "What was restored still stands, and is dropped later: {}",
                    error.message
                ))
                .await;
            }
            Err(why)
        }
    }
}
