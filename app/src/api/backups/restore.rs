//! Restores, and undoing them.

use leptos::prelude::*;
use types::Error;

/// What restoring a backup would do.
#[server(prefix = "/fn", endpoint = "restore_plan", output = types::wire::Json)]
pub async fn restore_plan(id: i64) -> Result<types::backups::RestorePlan, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::plan(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)
}

/// Restores a backup; gives the operation. It needs the set's name typed and a proof of password.
#[server(prefix = "/fn", endpoint = "restore_backup", output = types::wire::Json)]
pub async fn restore_backup(
    id: i64,
    typed_name: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<i64, Error> {
    use crate::ssr;
    let fields = [("typed_name", typed_name.as_str())];
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep("restore", &fields))?;
    let operation = ops::backups::restore(&ops, &actor, id, &typed_name)
        .await
        .map_err(|fault| ssr::tell_form(fault, "restore", &fields))?;
    ssr::go_on(&super::operation_page(operation));
    Ok(operation)
}

/// Switches back to what a restore replaced; gives the operation. It needs the set's name typed and a proof of password.
#[server(prefix = "/fn", endpoint = "undo_restore", output = types::wire::Json)]
pub async fn undo_restore(
    id: i64,
    typed_name: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<i64, Error> {
    use crate::ssr;
    let fields = [("typed_name", typed_name.as_str())];
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep("undo", &fields))?;
    let operation = ops::backups::undo(&ops, &actor, id, &typed_name)
        .await
        .map_err(|fault| ssr::tell_form(fault, "undo", &fields))?;
    ssr::go_on(&super::operation_page(operation));
    Ok(operation)
}
