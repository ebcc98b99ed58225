//! Users.

use ops::identity;
use serde::Serialize;
use types::identity::User;
use utoipa::ToSchema;

use super::{Answer, Asked, Params, openapi::Refused};

/// Everyone who may sign in.
#[derive(Serialize, ToSchema)]
pub struct Users {
    /// The users by name.
    users: Vec<User>,
}

/// Everyone who may sign in
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "identity",
    responses(
        (status = 200, description = "The users", body = Users),
        Refused,
    )
)]
pub async fn users(asked: Asked, params: Params) -> Answer<Users> {
    params.done()?;
    let users = identity::users::list(&asked.ops, &asked.actor).await;
    asked.answer(users.map(|users| Users { users }))
}
