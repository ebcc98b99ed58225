//! Where backups go.

use leptos::prelude::*;
use types::{Error, backups::BackupTarget};

/// Every target, in the order in which they were made.
#[server(prefix = "/fn", endpoint = "backup_targets", output = types::wire::Json)]
pub async fn backup_targets() -> Result<Vec<BackupTarget>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::targets(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Adds a repository at a path, or at `rclone:remote:path`.
#[server(prefix = "/fn", endpoint = "create_backup_target", output = types::wire::Json)]
pub async fn create_backup_target(name: String, location: String) -> Result<(), Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    let fields = [("name", name.as_str()), ("location", location.as_str())];
    ops::backups::create_target(&ops, &actor, &name, &location)
        .await
        .map_err(|fault| ssr::tell_form(fault, "new-target", &fields))?;
    ssr::done::say(crate::api::done::BACKUP_TARGET_ADDED);
    Ok(())
}

/// Removes a target that nothing lies in.
#[server(prefix = "/fn", endpoint = "remove_backup_target", output = types::wire::Json)]
pub async fn remove_backup_target(id: i64) -> Result<(), Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::remove_target(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::done::say(crate::api::done::BACKUP_TARGET_REMOVED);
    Ok(())
}

/// Reads all of a target back; gives the operation.
#[server(prefix = "/fn", endpoint = "check_backup_target", output = types::wire::Json)]
pub async fn check_backup_target(id: i64) -> Result<i64, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    let operation = ops::backups::check_target(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::go_on(&super::operation_page(operation));
    Ok(operation)
}

/// What to do with restic and PostgreSQL's programs alone, with the repositories' password: as plain text, to be printed. It
/// needs a proof of password.
#[server(prefix = "/fn", endpoint = "recovery_sheet", output = types::wire::Json)]
pub async fn recovery_sheet(
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<String, Error> {
    use crate::ssr;
    ssr::needs_script(", or print it with ytops backup sheet")?;
    let (ops, actor) = ssr::asked_with_proof(&password, &code).await?;
    ops::backups::sheet(&ops, &actor).await.map_err(ssr::tell)
}
