//! Recovery plans as runbooks: each a list of steps, made for a project, a service or a backup set; its runs are carried out
//! step by step, by the console where it can and by people where it can't, against a clock.
//!
//! A step that the console does is an operation (`crate::operations`), so it outlives a console that ends. In a rehearsal
//! restores are drills, and restarts are only told.

mod abandon;
mod act;
mod begin;
mod complete_failure;
mod data_loss;
mod database_corruption;
mod draft;
mod follow;
mod list;
mod newest;
mod note;
mod permit;
mod service_failure;
mod start;
mod subject;
#[cfg(test)]
mod tests;
mod work;

use store::runbooks::NewStep;
use types::runbooks::Plan;

pub use abandon::abandon;
pub use act::act;
pub use follow::follow;
pub use list::{plans, run};
pub use start::{rehearse, start};
pub(crate) use work::work;

use self::subject::Of;

/// The steps of a plan for what it is made for.
fn steps(plan: Plan, of: &Of) -> Vec<NewStep> {
    match plan {
        Plan::DatabaseCorruption => database_corruption::steps(of),
        Plan::ServiceFailure => service_failure::steps(of),
        Plan::DataLoss => data_loss::steps(of),
        Plan::CompleteFailure => complete_failure::steps(of),
    }
}
