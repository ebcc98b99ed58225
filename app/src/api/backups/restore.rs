//! Restores, and undoing them.

use leptos::prelude::*;
use types::Error;

use crate::pages::service::segment;

/// What restoring a backup would do; of files those at `only` alone are meant, where there are any.
#[server(prefix = "/fn", endpoint = "restore_plan", output = types::wire::Json)]
pub async fn restore_plan(
    id: i64,
    #[server(default)] only: Vec<String>,
) -> Result<types::backups::RestorePlan, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::plan(&ops, &actor, id, &only)
        .await
        .map_err(crate::ssr::tell)
}

/// Restores a backup; gives the operation. `way` is `in_place`, or `beside` with the folder or the new database's name in
/// `to`. It needs the set's name typed and a proof of password.
#[server(prefix = "/fn", endpoint = "restore_backup", output = types::wire::Json)]
pub async fn restore_backup(
    id: i64,
    typed_name: String,
    #[server(default)] way: String,
    #[server(default)] to: String,
    #[server(default)] only: Vec<String>,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<i64, Error> {
    use crate::ssr;
    use types::backups::{Way, Wish};
    let fields = [
        ("typed_name", typed_name.as_str()),
        ("way", way.as_str()),
        ("to", to.as_str()),
    ];
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep("restore", &fields))?;
    let wish = Wish {
        way: if way == "beside" {
            Way::Beside(to.clone())
        } else {
            Way::InPlace
        },
        only,
    };
    let operation = ops::backups::restore(&ops, &actor, id, &typed_name, &wish)
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

/// A folder of a backup of files; what the set names where `path` is empty.
#[server(prefix = "/fn", endpoint = "backup_files", output = types::wire::Json)]
pub async fn backup_files(
    id: i64,
    #[server(default)] path: String,
) -> Result<types::backups::FileListing, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::backups::files(&ops, &actor, id, &path)
        .await
        .map_err(crate::ssr::tell)
}

/// Takes the proof that a download needs; gives the download's address. Without a path it is a database's dump.
#[server(prefix = "/fn", endpoint = "unlock_download", output = types::wire::Json)]
pub async fn unlock_download(
    id: i64,
    #[server(default)] path: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<String, Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked_with_proof(&password, &code).await?;
    actor
        .must_have_proved(ops.clock.now())
        .inspect_err(ssr::answer)?;
    let address = download_address(id, &path);
    ssr::go_on(&address);
    Ok(address)
}

/// Where a file of a backup is downloaded, or the dump of a database where there is no `path`.
pub fn download_address(id: i64, path: &str) -> String {
    let address = format!("/download/backups/{id}");
    if path.is_empty() {
        address
    } else {
        format!("{address}?path={}", segment(path))
    }
}

/// The page that restores a backup, or what is at `only` of it.
pub fn restore_page(id: i64, only: &str) -> String {
    let page = format!("/backups/restore/{id}");
    if only.is_empty() {
        page
    } else {
        format!("{page}?only={}", segment(only))
    }
}

/// The page of a folder of a backup of files.
pub fn files_page(set: i64, backup: i64, path: &str) -> String {
    let page = format!("/backups/{set}/backups/{backup}/files");
    if path.is_empty() {
        page
    } else {
        format!("{page}?path={}", segment(path))
    }
}
