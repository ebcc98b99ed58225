//! Which charts a page shows, as its address says.

use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};
use types::{
    Error,
    charts::{Charts, Range, View},
};

use super::asked::{before, range};
use crate::api;

/// In place of a host's name: all of them side by side.
pub const ALL_HOSTS: &str = "*";

/// The most hosts side by side.
const MOST_HOSTS: usize = 12;

/// Points a series: a chart has hardly twice as many pixels.
const POINTS: u16 = 300;

/// What ranges are offered: seconds and name.
pub const RANGES: [(u32, &str); 8] = [
    (300, "5 m"),
    (1_200, "20 m"),
    (3_600, "1 h"),
    (21_600, "6 h"),
    (86_400, "24 h"),
    (604_800, "7 d"),
    (2_592_000, "30 d"),
    (31_536_000, "1 y"),
];

/// What ranges are compared with: seconds before, and name.
pub const COMPARED: [(u32, &str); 3] = [
    (0, "nothing"),
    (86_400, "yesterday"),
    (604_800, "last week"),
];

/// Charts of a host, of all hosts or of a service, over a range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The host; empty for the console's own, [`ALL_HOSTS`] for all.
    pub host: String,
    /// Which of its charts.
    pub view: View,
    /// The service's compose project; empty where it is about a host.
    pub project: String,
    /// The service.
    pub service: String,
    /// The range.
    pub range: Range,
    /// With what it is compared, in seconds before.
    pub before_s: u32,
}

impl Wanted {
    /// What a page's query asks for; what can't be read has its default.
    pub fn of_query(query: &ParamsMap) -> Self {
        let get = |name: &str| query.get_str(name).unwrap_or_default();
        Self {
            host: get("host").to_owned(),
            view: View::parse(get("view")).unwrap_or_default(),
            range: range(query).0,
            before_s: before(query).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The query that asks for it, `?` included; what is as it is by itself is left out.
    pub fn query(&self) -> String {
        let mut pairs = Vec::new();
        if !self.host.is_empty() {
            pairs.push(format!(
                "host={}",
                crate::pages::service::segment(&self.host)
            ));
        }
        if self.view != View::default() {
            pairs.push(format!("view={}", self.view.as_str()));
        }
        if self.range != Range::default() {
            pairs.push(format!("range={}", self.range));
        }
        if self.before_s != 0 {
            pairs.push(format!("before={}", self.before_s));
        }
        if pairs.is_empty() {
            "?".to_owned()
        } else {
            format!("?{}", pairs.join("&"))
        }
    }

    /// The same over another range.
    #[must_use]
    pub fn over(&self, range: Range) -> Self {
        Self {
            range,
            ..self.clone()
        }
    }

    /// Whether it goes on with time.
    pub const fn is_live(&self) -> bool {
        matches!(self.range, Range::Last(_))
    }

    /// Reads it.
    pub async fn read(self) -> Result<Shown, Error> {
        let (panels, error) = match self.panels().await {
            Ok(panels) => (panels, None),
            // Not to the page that holds it: another range may do better.
            Err(error @ (Error::Unauthenticated | Error::Forbidden { .. })) => return Err(error),
            Err(error) => (Vec::new(), Some(error)),
        };
        Ok(Shown {
            wanted: self,
            panels,
            error,
        })
    }

    async fn panels(&self) -> Result<Vec<Charts>, Error> {
        if self.host != ALL_HOSTS {
            return Ok(vec![self.of_host(&self.host).await?]);
        }
        let first = self.of_host("").await?;
        let others: Vec<_> = first
            .hosts
            .iter()
            .filter(|host| host.name != first.host)
            .collect();
        let names: Vec<_> = others
            .iter()
            .take(MOST_HOSTS - 1)
            .map(|host| host.name.clone())
            .collect();
        let mut panels = vec![first];
        for name in names {
            panels.push(self.of_host(&name).await?);
        }
        Ok(panels)
    }

    async fn of_host(&self, host: &str) -> Result<Charts, Error> {
        api::resources::read_charts(
            host.to_owned(),
            self.view,
            self.project.clone(),
            self.service.clone(),
            self.range.to_string(),
            POINTS,
            self.before_s,
        )
        .await
    }
}

/// Charts as they were read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// What was asked for.
    pub wanted: Wanted,
    /// The charts of each host.
    pub panels: Vec<Charts>,
    /// Why there are none.
    pub error: Option<Error>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(wanted: &Wanted) -> Wanted {
        let mut params = ParamsMap::new();
        for pair in wanted.query().trim_start_matches('?').split('&') {
            if let Some((name, value)) = pair.split_once('=') {
                params.insert(
                    name.to_owned(),
                    value.replace("%2F", "/").replace("%26", "&"),
                );
            }
        }
        Wanted::of_query(&params)
    }

    #[test]
    fn a_link_carries_all_that_is_shown() {
        let wanted = Wanted {
            host: "a/b&c".to_owned(),
            view: View::Gpus,
            range: Range::Between(5, 1_764_000_000_000),
            before_s: 86_400,
            ..Wanted::default()
        };
        assert_eq!(read_back(&wanted), wanted);
        assert_eq!(read_back(&Wanted::default()), Wanted::default());
    }

    #[test]
    fn a_plain_form_asks_for_a_range_in_utc() {
        let mut params = ParamsMap::new();
        for (name, value) in [("from", "2025-11-24T16:00"), ("to", "2025-11-24T17:30")] {
            params.insert(name, value.to_owned());
        }
        let range = Range::Between(1_764_000_000_000, 1_764_005_400_000);
        assert_eq!(Wanted::of_query(&params).range, range);
    }

    #[test]
    fn a_query_that_makes_no_sense_shows_what_is_shown_without_it() {
        let mut params = ParamsMap::new();
        for (name, value) in [("view", "nothing"), ("range", "soon"), ("before", "17")] {
            params.insert(name, value.to_owned());
        }
        assert_eq!(Wanted::of_query(&params), Wanted::default());
    }
}
