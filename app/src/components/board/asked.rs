//! What an address asks for, and what of it is not understood: a link may be old, cut, or made by hand.

use leptos_router::params::ParamsMap;
use types::charts::{Range, View};

use super::wanted::COMPARED;
use crate::charts::times;

/// What of a page's query was not understood, and what is shown instead, in sentences; `is_of_host` where it names a view.
pub fn misread(query: &ParamsMap, is_of_host: bool) -> Vec<String> {
    let view = query.get_str("view").unwrap_or_default();
    let is_strange = is_of_host && !view.is_empty() && View::parse(view).is_none();
    let view =
        is_strange.then(|| format!("There is no view {}: the overview is shown.", cited(view)));
    let compared = before(query).is_none().then(|| {
        let text = query.get_str("before").unwrap_or_default();
        format!(
            "Nothing is compared with {}: links compare with 86400 or 604800 seconds before.",
            cited(text)
        )
    });
    view.into_iter()
        .chain(range(query).1)
        .chain(compared)
        .collect()
}

/// The range that a query asks for, and what is to be said of it.
pub fn range(query: &ParamsMap) -> (Range, Option<String>) {
    let get = |name: &str| query.get_str(name).unwrap_or_default();
    let (text, from, to) = (get("range"), get("from"), get("to"));
    let between = || {
        Some(Range::Between(
            times::read_field(from)?,
            times::read_field(to)?,
        ))
    };
    match text.parse().ok().or_else(between) {
        Some(Range::Between(from, to)) if from > to => {
            let note = "The range ended before it began: what lies between the two is shown.";
            (Range::Between(to, from), Some(note.to_owned()))
        }
        Some(range) => (range, None),
        None if text.is_empty() && from.is_empty() && to.is_empty() => (Range::default(), None),
        None => {
            let told = if text.is_empty() {
                format!("from {} to {}", cited(from), cited(to))
            } else {
                cited(text)
            };
            let note =
                format!("The range {told} was not understood: the last 20 minutes are shown.");
            (Range::default(), Some(note))
        }
    }
}

/// With what a query compares; none where that is not understood.
pub fn before(query: &ParamsMap) -> Option<u32> {
    let text = query.get_str("before").filter(|text| !text.is_empty());
    let before = text.map_or(Some(0), |text| text.parse().ok())?;
    COMPARED
        .iter()
        .any(|(seconds, _)| *seconds == before)
        .then_some(before)
}

/// What stood in an address, in quotation marks, and no more of it than one reads.
fn cited(text: &str) -> String {
    const MOST: usize = 40;
    let mut cited: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        cited.push('…');
    }
    format!("“{cited}”")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::board::wanted::Wanted;

    #[test]
    fn what_is_not_understood_is_told_with_what_is_shown_instead() {
        let mut params = ParamsMap::new();
        for (name, value) in [("view", "nothing"), ("range", "soon"), ("before", "17")] {
            params.insert(name, value.to_owned());
        }
        let told = misread(&params, true);
        assert_eq!(
            told,
            [
                "There is no view “nothing”: the overview is shown.",
                "The range “soon” was not understood: the last 20 minutes are shown.",
                "Nothing is compared with “17”: links compare with 86400 or 604800 seconds before.",
            ]
        );
        assert_eq!(misread(&params, false).len(), 2, "a service has no views");
    }

    #[test]
    fn what_makes_sense_is_not_talked_about() {
        let mut params = ParamsMap::new();
        assert!(misread(&params, true).is_empty());
        for (name, value) in [("view", "cpu"), ("range", "300s"), ("before", "86400")] {
            params.insert(name, value.to_owned());
        }
        assert!(misread(&params, true).is_empty());
    }

    #[test]
    fn a_range_that_ends_before_it_begins_is_turned_and_said_so() {
        let mut params = ParamsMap::new();
        params.insert("range", "9000-3000".to_owned());
        assert_eq!(
            Wanted::of_query(&params).range,
            Range::Between(3_000, 9_000)
        );
        assert!(misread(&params, true)[0].starts_with("The range ended before it began"));
        let mut params = ParamsMap::new();
        for (name, value) in [("from", "2025-11-24T17:30:07"), ("to", "2025-11-24T16:00")] {
            params.insert(name, value.to_owned());
        }
        let range = Range::Between(1_764_000_000_000, 1_764_005_407_000);
        assert_eq!(Wanted::of_query(&params).range, range);
        let mut params = ParamsMap::new();
        params.insert("from", format!("<b>{}", "x".repeat(100)));
        let told = misread(&params, true).remove(0);
        assert!(
            told.starts_with("The range from “<b>xxx") && told.contains("…” to “”"),
            "{told}"
        );
    }
}
