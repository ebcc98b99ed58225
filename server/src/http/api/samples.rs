//! Hosts, their series, and points of these.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use ops::resources::{self, SeriesQuery};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use types::{
    Error,
    samples::{StoredHost, StoredSeries},
};
use utoipa::ToSchema;

use super::{
    Answer, Asked, Params,
    openapi::{ProblemDocument, Refused},
};
use crate::http::problem::Problem;

/// The longest name of a host or a series, in characters.
const LONGEST: usize = 253;

/// How many points are given when the caller does not say, and the most that are.
const POINTS: i64 = 300;
const MOST_POINTS: i64 = 2_000;

/// What is told when the caller does not say from when, in milliseconds.
const HOUR: i64 = 3_600_000;

/// Every host.
#[derive(Serialize, ToSchema)]
pub struct Hosts {
    /// By name.
    hosts: Vec<StoredHost>,
}

/// Hosts whose samples are stored
#[utoipa::path(
    get,
    path = "/api/v1/hosts",
    tag = "resources",
    responses((status = 200, description = "Every host, by name", body = Hosts), Refused)
)]
pub async fn hosts(asked: Asked, params: Params) -> Answer<Hosts> {
    params.done()?;
    let hosts = resources::hosts(&asked.ops, &asked.actor).await;
    asked.answer(hosts.map(|hosts| Hosts { hosts }))
}

/// Some series.
#[derive(Serialize, ToSchema)]
pub struct SeriesList {
    /// By number, at most 5,000.
    series: Vec<StoredSeries>,
    /// Give this as `after` for the next ones.
    next: Option<i32>,
}

/// The series of a host
///
/// Names, attributes and units are those of OpenTelemetry's semantic conventions where they have one. A token of one team
/// sees no series of containers.
#[utoipa::path(
    get,
    path = "/api/v1/series",
    tag = "resources",
    params(
        ("host" = Option<String>, Query, description = "The host; the console's own when not given", max_length = 253),
        ("name" = Option<String>, Query, description = "Only of this name, e.g. `system.cpu.utilization`", max_length = 253),
        ("ended" = Option<bool>, Query, description = "Those that ended as well; not when not given"),
        ("after" = Option<i32>, Query, description = "Only those of a greater number", minimum = 1),
    ),
    responses(
        (status = 200, description = "The series; none of a host that there is not", body = SeriesList),
        Refused,
    )
)]
pub async fn series(asked: Asked, mut params: Params) -> Answer<SeriesList> {
    let host = params
        .text("host", LONGEST)?
        .filter(|name| !name.is_empty());
    let name = params
        .text("name", LONGEST)?
        .filter(|name| !name.is_empty());
    let with_ended = flag(&mut params, "ended")?;
    let after = params.integer("after", 1, i32::MAX.into())?.unwrap_or(0);
    params.done()?;
    let host = host.unwrap_or_else(|| asked.ops.meters.own_host().to_string());
    let query = SeriesQuery {
        host: &host,
        name: name.as_deref(),
        with_ended,
        after: i32::try_from(after).unwrap_or(i32::MAX),
    };
    let page = resources::series(&asked.ops, &asked.actor, query).await;
    asked.answer(page.map(|page| SeriesList {
        series: page.series,
        next: page.next,
    }))
}

/// Whether what is named is wanted.
fn flag(params: &mut Params, name: &str) -> Result<bool, Error> {
    match params.text(name, 5)?.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::field(name, "Give true or false.")),
    }
}

/// `{id}` of an address: a series' number.
#[derive(Clone, Copy, Debug)]
pub struct SeriesId(i32);

impl<S: Send + Sync> FromRequestParts<S> for SeriesId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let given = RawPathParams::from_request_parts(parts, state).await;
        let id = given.ok().and_then(|given| {
            let mut ids = given.iter().filter(|(name, _)| *name == "id");
            ids.next()?.1.parse().ok().filter(|id| *id > 0)
        });
        let refused = || Error::field("id", "Give the number of a series: GET /api/v1/series.");
        Ok(Self(id.ok_or_else(refused)?))
    }
}

/// Points of a series
///
/// At the tier that fits: samples as they are where there are no more than `points`, otherwise least, mean and greatest
/// over even steps. What is further apart than one and a half of the usual distance has a gap between.
#[utoipa::path(
    get,
    path = "/api/v1/series/{id}/points",
    tag = "resources",
    params(
        ("id" = i32, Path, description = "The series' number", minimum = 1),
        ("from" = Option<String>, Query, description = "The beginning, RFC 3339 or milliseconds since 1970; an hour before the end when not given", max_length = 40),
        ("to" = Option<String>, Query, description = "The end, which is not in it; now when not given", max_length = 40),
        ("points" = Option<u32>, Query, description = "At most so many; 300 when not given", minimum = 2, maximum = 2000),
    ),
    responses(
        (status = 200, description = "Points in order of time, each `[t, min, avg, max]`; `t` in milliseconds since 1970", body = Vec<(i64, f64, f64, f64)>),
        (status = 404, description = "No such series", body = ProblemDocument, content_type = "application/problem+json"),
        Refused,
    )
)]
pub async fn points(
    asked: Asked,
    SeriesId(id): SeriesId,
    mut params: Params,
) -> Answer<Vec<(i64, f64, f64, f64)>> {
    let to = time(&mut params, "to")?;
    let from = time(&mut params, "from")?;
    let most = params.integer("points", 2, MOST_POINTS)?.unwrap_or(POINTS);
    params.done()?;
    let now = millis(asked.ops.clock.now());
    let to = to.unwrap_or(now + 1);
    let from = from.unwrap_or_else(|| (to - HOUR).max(0));
    let most = usize::try_from(most).unwrap_or(2);
    let found = resources::points(&asked.ops, &asked.actor, &[id], from, to, most).await;
    let mut found = asked.told(found)?;
    match found.pop() {
        Some(found) => asked.answer(Ok(found.points)),
        None => Err(Error::not_found("series").into()),
    }
}

fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// A time in milliseconds since 1970, written so or as RFC 3339 has it.
fn time(params: &mut Params, name: &str) -> Result<Option<i64>, Error> {
    let Some(text) = params.text(name, 40)? else {
        return Ok(None);
    };
    // A plus that is not written %2B arrives as a blank.
    let dated = || OffsetDateTime::parse(&text.replace(' ', "+"), &Rfc3339).ok();
    let time = text.parse().ok().or_else(|| dated().map(millis));
    let refused = || {
        Error::field(
            name,
            "Give a time such as 2026-11-24T10:00:00Z, or milliseconds since 1970.",
        )
    };
    // Far beyond any time that there are samples of, and far from where sums would end.
    let time = time.filter(|time| (0..1 << 52).contains(time));
    Ok(Some(time.ok_or_else(refused)?))
}
