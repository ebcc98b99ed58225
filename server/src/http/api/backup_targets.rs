//! Where backups go.

use ops::backups;
use serde::Serialize;
use types::backups::BackupTarget;
use utoipa::ToSchema;

use super::{
    Answer, Asked, NoInput, Number, Params,
    openapi::{ProblemDocument, Refused},
    operations::Begun,
};
use crate::http::problem::Problem;

/// Every target.
#[derive(Serialize, ToSchema)]
pub struct BackupTargets {
    /// In the order in which they were made.
    targets: Vec<BackupTarget>,
}

/// Repositories that backups go to
#[utoipa::path(
    get,
    path = "/api/v1/backup-targets",
    operation_id = "backup_targets",
    tag = "backups",
    responses((status = 200, description = "The targets, the first one first", body = BackupTargets), Refused)
)]
pub async fn targets(asked: Asked, params: Params) -> Answer<BackupTargets> {
    params.done()?;
    let targets = backups::targets(&asked.ops, &asked.actor).await;
    asked.answer(targets.map(|targets| BackupTargets { targets }))
}

/// Read all of a target back
#[utoipa::path(
    post,
    path = "/api/v1/backup-targets/{id}/verify",
    operation_id = "verify_backup_target",
    tag = "backups",
    params(("id" = i64, Path, description = "The target's number", minimum = 1)),
    responses(
        (status = 202, description = "It is in the queue; the operation tells how it goes", body = Begun),
        (status = 404, description = "No such target", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "A check is under way already", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn verify(
    asked: Asked,
    id: Number,
    params: Params,
    _input: NoInput,
) -> Result<Begun, Problem> {
    params.done()?;
    let operation = backups::check_target(&asked.ops, &asked.actor, id.0).await;
    Ok(Begun::new(asked.told(operation)?))
}
