//! What can be done to a service.

use serde::{Deserialize, Serialize};

/// What can be done to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Start it.
    Start,
    /// Stop it: SIGTERM, then SIGKILL after the container's grace.
    Stop,
    /// Stop and start it.
    Restart,
}

/// How an operation stands when its caller is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It is done.
    Done,
    /// It goes on: a container takes the time of its own grace. The audit log tells how it ends.
    UnderWay,
}

impl Operation {
    /// The verb.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
        }
    }
}
