//! Backup sets, what was backed up, and what a restore would do. No token restores: that is for people, on the pages.

use axum::http::StatusCode;
use ops::backups;
use serde::Serialize;
use types::{
    backups::{Backup, BackupSet, RestorePlan, Restored, SetKind, SetSettings},
    operations::Listed,
};
use utoipa::ToSchema;

use super::{
    Answer, Asked, NoInput, Number, Params,
    openapi::{ProblemDocument, Refused},
    operations::Begun,
    patch::Given,
};
use crate::http::problem::Problem;

/// Every backup set.
#[derive(Serialize, ToSchema)]
pub struct BackupSets {
    /// The sets by name.
    sets: Vec<BackupSet>,
}

/// Backup sets, and how each is
#[utoipa::path(
    get,
    path = "/api/v1/backup-sets",
    tag = "backups",
    responses((status = 200, description = "The sets, by name", body = BackupSets), Refused)
)]
pub async fn sets(asked: Asked, params: Params) -> Answer<BackupSets> {
    params.done()?;
    let sets = backups::sets(&asked.ops, &asked.actor).await;
    asked.answer(sets.map(|sets| BackupSets { sets }))
}

/// Make a backup set of folders
///
/// Databases are found in the stack. Members that are not given are as a new set has them.
#[utoipa::path(
    post,
    path = "/api/v1/backup-sets",
    operation_id = "create_backup_set",
    tag = "backups",
    request_body(content = serde_json::Value, description = "`name`, `paths` and `targets`, and any other members of a set that may be changed"),
    responses(
        (status = 201, description = "The set", body = BackupSet),
        Refused,
    )
)]
pub async fn create(
    asked: Asked,
    params: Params,
    given: Given,
) -> Result<(StatusCode, axum::Json<BackupSet>), Problem> {
    params.done()?;
    let settings = given.over(&backups::defaults(SetKind::Directory))?;
    let made = backups::create(&asked.ops, &asked.actor, &settings).await;
    Ok((StatusCode::CREATED, asked.answer(made)?))
}

/// One backup set
#[utoipa::path(
    get,
    path = "/api/v1/backup-sets/{id}",
    operation_id = "backup_set",
    tag = "backups",
    params(("id" = i64, Path, description = "The set's number", minimum = 1)),
    responses(
        (status = 200, description = "The set", body = BackupSet),
        (status = 404, description = "No such set", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn set(asked: Asked, id: Number, params: Params) -> Answer<BackupSet> {
    params.done()?;
    asked.answer(backups::set(&asked.ops, &asked.actor, id.0).await)
}

/// Change a backup set
///
/// Members that are not given stay as they are.
#[utoipa::path(
    patch,
    path = "/api/v1/backup-sets/{id}",
    operation_id = "update_backup_set",
    tag = "backups",
    params(("id" = i64, Path, description = "The set's number", minimum = 1)),
    request_body(content = serde_json::Value, description = "Members of a set that may be changed: those of `SetSettings`"),
    responses(
        (status = 200, description = "The set as it is now", body = BackupSet),
        (status = 404, description = "No such set", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn update(asked: Asked, id: Number, params: Params, given: Given) -> Answer<BackupSet> {
    params.done()?;
    let before = asked.told(backups::set(&asked.ops, &asked.actor, id.0).await)?;
    let settings: SetSettings = given.over(&before.settings)?;
    asked.answer(backups::update(&asked.ops, &asked.actor, id.0, &settings).await)
}

/// Back a set up now
#[utoipa::path(
    post,
    path = "/api/v1/backup-sets/{id}/run",
    operation_id = "run_backup",
    tag = "backups",
    params(("id" = i64, Path, description = "The set's number", minimum = 1)),
    responses(
        (status = 202, description = "It is in the queue; the operation tells how it goes", body = Begun),
        (status = 404, description = "No such set", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Something is under way on the set already", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn run(
    asked: Asked,
    id: Number,
    params: Params,
    _input: NoInput,
) -> Result<Begun, Problem> {
    params.done()?;
    let operation = backups::run(&asked.ops, &asked.actor, id.0).await;
    Ok(Begun::new(asked.told(operation)?))
}

/// Prove that a set can be restored
///
/// Its newest backup is restored into scratch, compared with its manifest, and cleaned up.
#[utoipa::path(
    post,
    path = "/api/v1/backup-sets/{id}/drill",
    operation_id = "run_drill",
    tag = "backups",
    params(("id" = i64, Path, description = "The set's number", minimum = 1)),
    responses(
        (status = 202, description = "It is in the queue; the operation tells how it goes", body = Begun),
        (status = 404, description = "No such set", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "It was not backed up yet, or something is under way on it", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn drill(
    asked: Asked,
    id: Number,
    params: Params,
    _input: NoInput,
) -> Result<Begun, Problem> {
    params.done()?;
    let operation = backups::drill(&asked.ops, &asked.actor, id.0).await;
    Ok(Begun::new(asked.told(operation)?))
}

/// What was done with a set.
#[derive(Serialize, ToSchema)]
pub struct SetHistory {
    /// Backups, drills, restores and undos, the newest first.
    operations: Vec<Listed>,
    /// Restores that were made, the newest first.
    restores: Vec<Restored>,
}

/// What was done with a backup set lately
#[utoipa::path(
    get,
    path = "/api/v1/backup-sets/{id}/history",
    operation_id = "backup_set_history",
    tag = "backups",
    params(("id" = i64, Path, description = "The set's number", minimum = 1)),
    responses(
        (status = 200, description = "Operations and restores, the newest first", body = SetHistory),
        (status = 404, description = "No such set", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn history(asked: Asked, id: Number, params: Params) -> Answer<SetHistory> {
    params.done()?;
    let operations = asked.told(backups::work_of(&asked.ops, &asked.actor, id.0).await)?;
    let restores = backups::restores(&asked.ops, &asked.actor, id.0).await;
    asked.answer(restores.map(|restores| SetHistory {
        operations,
        restores,
    }))
}

/// A page of backups.
#[derive(Serialize, ToSchema)]
pub struct Backups {
    /// The newest first, at most 100.
    backups: Vec<Backup>,
}

/// What was backed up
#[utoipa::path(
    get,
    path = "/api/v1/backups",
    tag = "backups",
    params(
        ("set" = Option<i64>, Query, description = "Only of this set", minimum = 1),
        ("before" = Option<i64>, Query, description = "Only those before the one with this number: pages of 100", minimum = 1),
    ),
    responses(
        (status = 200, description = "Backups that are kept, and those that failed, the newest first", body = Backups),
        (status = 404, description = "No such set", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn backups(asked: Asked, mut params: Params) -> Answer<Backups> {
    let set = params.integer("set", 1, i64::MAX)?;
    let before = params.integer("before", 1, i64::MAX)?;
    params.done()?;
    let found = backups::backups(&asked.ops, &asked.actor, set, before).await;
    asked.answer(found.map(|backups| Backups { backups }))
}

/// One backup, and where its copies are
#[utoipa::path(
    get,
    path = "/api/v1/backups/{id}",
    operation_id = "backup",
    tag = "backups",
    params(("id" = i64, Path, description = "The backup's number", minimum = 1)),
    responses(
        (status = 200, description = "The backup", body = Backup),
        (status = 404, description = "No such backup", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn backup(asked: Asked, id: Number, params: Params) -> Answer<Backup> {
    params.done()?;
    asked.answer(backups::backup(&asked.ops, &asked.actor, id.0).await)
}

/// What restoring a backup would do
///
/// What is replaced, which tables or files have changed since, which services are stopped, and how long it takes. It changes
/// nothing; restoring is for people, on the pages.
#[utoipa::path(
    get,
    path = "/api/v1/backups/{id}/restore-plan",
    operation_id = "restore_plan",
    tag = "backups",
    params(("id" = i64, Path, description = "The backup's number", minimum = 1)),
    responses(
        (status = 200, description = "The plan", body = RestorePlan),
        (status = 404, description = "No such backup", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn plan(asked: Asked, id: Number, params: Params) -> Answer<RestorePlan> {
    params.done()?;
    asked.answer(backups::plan(&asked.ops, &asked.actor, id.0, &[]).await)
}
