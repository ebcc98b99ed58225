//! Every token.

use types::identity::ApiToken;

use crate::{Actor, Ops, Outcome, audit, identity::manages};

/// Every token, dead ones too, the newest first.
///
/// # Errors
/// `Forbidden`; or the database failed.
pub async fn list(ops: &Ops, actor: &Actor) -> Outcome<Vec<ApiToken>> {
    audit::permit(ops, actor, "token.list", "tokens", None, manages(actor)).await?;
    Ok(store::tokens::list(&ops.db).await?)
}
