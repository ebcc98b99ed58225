//! What the meters say.
#![expect(
    missing_docs,
    reason = "the fields of the types that the macro makes are the functions' parameters"
)]

use leptos::prelude::*;
use types::{
    Error,
    charts::{Charts, View},
};

/// The charts of a service, or of a host where `project` is empty; `range` as [`types::charts::Range`] is written.
#[server(prefix = "/fn", endpoint = "charts", output = types::wire::Json)]
pub async fn read_charts(
    host: String,
    view: View,
    project: String,
    service: String,
    range: String,
    points: u16,
    before_s: u32,
) -> Result<Charts, Error> {
    use types::charts::{Asked, Subject};
    let (ops, actor) = crate::ssr::asked()?;
    let subject = if project.is_empty() {
        Subject::Host { name: host, view }
    } else {
        Subject::Service { project, service }
    };
    let range = range
        .parse()
        .map_err(|()| Error::field("range", "Give a range such as 1200s."))?;
    let asked = Asked {
        subject,
        range,
        points,
        before_s,
    };
    ops::resources::charts(&ops, &actor, &asked)
        .await
        .map_err(crate::ssr::tell)
}
