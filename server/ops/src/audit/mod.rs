//! The audit log: what was done, by whom, from where, and how it ended.

mod export;
mod list;
mod permit;
mod record;
mod refuse;
mod verify;

pub use export::export;
pub use list::list;
pub use permit::permit;
pub(crate) use record::{Author, record_alone_as, record_as};
pub use record::{Entry, record, record_alone};
pub use refuse::{Refusals, refuse, refuse_request, refuse_stranger, sum_up};
pub(crate) use refuse::{reason, record_seldom};
pub use verify::verify;
