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

/// How long samples are kept.
#[server(prefix = "/fn", endpoint = "retention", output = types::wire::Json)]
pub async fn retention() -> Result<types::samples::Retention, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::resources::retention(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Sets how long samples are kept. Days come as they were typed, so that each that is no number is named.
#[server(prefix = "/fn", endpoint = "set_retention", output = types::wire::Json)]
pub async fn set_retention(
    second_days: String,
    minute_days: String,
    hour_days: String,
) -> Result<(), Error> {
    use super::health::number;
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    let fields = [
        ("second_days", second_days.as_str()),
        ("minute_days", &minute_days),
        ("hour_days", &hour_days),
    ];
    let mut refused = Vec::new();
    let keep = types::samples::Retention {
        second_days: number("second_days", &second_days, &mut refused),
        minute_days: number("minute_days", &minute_days, &mut refused),
        hour_days: number("hour_days", &hour_days, &mut refused),
    };
    if !refused.is_empty() {
        ssr::typed::keep("retention", &fields);
        let error = Error::Invalid { fields: refused };
        ssr::answer(&error);
        return Err(error);
    }
    ops::resources::set_retention(&ops, &actor, keep)
        .await
        .map_err(|fault| ssr::tell_form(fault, "retention", &fields))?;
    ssr::done::say(super::done::RETENTION_SAVED);
    Ok(())
}

/// What samples take on disk, and when that ends.
#[server(prefix = "/fn", endpoint = "sample_sizes", output = types::wire::Json)]
pub async fn sample_sizes() -> Result<types::samples::SampleSizes, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::resources::sizes(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}
