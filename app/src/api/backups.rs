//! Backup sets, their targets, what was backed up, and restores.
#![expect(
    missing_docs,
    reason = "the fields of the types that the macro makes are the functions' parameters"
)]

mod edit;
mod restore;
mod runbooks;
mod targets;

pub use edit::*;
use leptos::prelude::*;
pub use restore::*;
pub use runbooks::*;
pub use targets::*;
use types::{
    Error,
    backups::{Backup, SetPage},
};

/// Every set, by name.
#[server(prefix = "/fn", endpoint = "backup_sets", output = types::wire::Json)]
pub async fn backup_sets() -> Result<Vec<types::backups::BackupSet>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::sets(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// A set with its history.
#[server(prefix = "/fn", endpoint = "backup_set", output = types::wire::Json)]
pub async fn backup_set(id: i64) -> Result<SetPage, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::page(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)
}

/// How much would have been lost and how long a restore would have taken, over the last ninety days.
#[server(prefix = "/fn", endpoint = "backup_trend", output = types::wire::Json)]
pub async fn backup_trend(id: i64) -> Result<types::backups::Trend, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::trend(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)
}

/// Backups of all sets before number `before`, the newest first.
#[server(prefix = "/fn", endpoint = "backups", output = types::wire::Json)]
pub async fn backups(before: Option<i64>) -> Result<Vec<Backup>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::backups(&ops, &actor, None, before)
        .await
        .map_err(crate::ssr::tell)
}

/// Backs a set up now; gives the operation.
#[server(prefix = "/fn", endpoint = "run_backup", output = types::wire::Json)]
pub async fn run_backup(id: i64) -> Result<i64, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    let operation = ops::backups::run(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::go_on(&operation_page(operation));
    Ok(operation)
}

/// Proves that a set's newest backup can be restored; gives the operation.
#[server(prefix = "/fn", endpoint = "run_drill", output = types::wire::Json)]
pub async fn run_drill(id: i64) -> Result<i64, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    let operation = ops::backups::drill(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::go_on(&operation_page(operation));
    Ok(operation)
}

/// An operation with its stages, progress and log.
#[server(prefix = "/fn", endpoint = "operation", output = types::wire::Json)]
pub async fn operation(id: i64) -> Result<types::operations::Operation, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::operations::get(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)
}

/// Asks for the end of an operation.
#[server(prefix = "/fn", endpoint = "cancel_operation", output = types::wire::Json)]
pub async fn cancel_operation(id: i64) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::operations::cancel(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::done::say(super::done::CANCEL_ASKED);
    Ok(())
}

/// The page of an operation.
pub fn operation_page(id: i64) -> String {
    format!("/backups/operations/{id}")
}
