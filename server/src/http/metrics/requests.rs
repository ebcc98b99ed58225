//! Requests by route, method and class of status. Each label has few values: routes are patterns.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::http::{Method, StatusCode};

use super::{
    histogram::{BOUNDS, Histogram},
    text::Text,
};

const METHODS: [&str; 4] = ["GET", "HEAD", "POST", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Routes are patterns and known functions; should that ever not hold, what exceeds this is counted together.
const MAX_ROUTES: usize = 500;

/// One histogram a method and class, made when it is first needed.
type ByKind = [[std::sync::OnceLock<Box<Histogram>>; CLASSES.len()]; METHODS.len()];

/// All that was counted.
#[derive(Debug, Default)]
pub struct Requests(RwLock<HashMap<String, Arc<ByKind>>>);

impl Requests {
    /// Adds one.
    pub fn count(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let method = METHODS
            .iter()
            .position(|known| *known == method.as_str())
            .unwrap_or(METHODS.len() - 1);
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let counted = self.of_route(route);
        if let Some(histogram) = counted.get(method).and_then(|classes| classes.get(class)) {
            histogram.get_or_init(Box::default).observe(took);
        }
    }

    fn of_route(&self, route: &str) -> Arc<ByKind> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counted) = routes.get(route) {
            return counted.clone();
        }
        let route = if routes.len() < MAX_ROUTES {
            route
        } else {
            "more"
        };
        drop(routes);
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        routes.entry(route.to_owned()).or_default().clone()
    }

    /// Writes them.
    pub fn write(&self, text: &mut Text) {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut routes: Vec<_> = routes
            .iter()
            .map(|(route, counted)| (route.clone(), counted.clone()))
            .collect();
        routes.sort_by(|left, right| left.0.cmp(&right.0));
        text.family(
            "ytops_http_request_duration_seconds",
            "histogram",
            "Time until an answer's head, by route, method and class of status.",
        );
        for (route, counted) in &routes {
            for (method, classes) in METHODS.iter().zip(counted.iter()) {
                for (class, histogram) in CLASSES.iter().zip(classes) {
                    if let Some(histogram) = histogram.get() {
                        let labels = [
                            ("route", route.as_str()),
                            ("method", method),
                            ("status", class),
                        ];
                        write_one(text, labels, histogram);
                    }
                }
            }
        }
    }
}

fn write_one(text: &mut Text, labels: [(&str, &str); 3], histogram: &Histogram) {
    let [route, method, status] = labels;
    let cumulative = histogram.cumulative();
    let total = cumulative.last().copied().unwrap_or_default();
    let bounds = BOUNDS.iter().map(|(_, bound)| *bound).chain(["+Inf"]);
    for (bound, count) in bounds.zip(cumulative) {
        text.sample("_bucket", &[route, method, status, ("le", bound)], count);
    }
    text.sample("_sum", &labels, histogram.sum());
    text.sample("_count", &labels, total);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_few_whatever_is_asked() {
        let requests = Requests::default();
        for number in 0..MAX_ROUTES * 2 {
            let route = format!("/{number}");
            requests.count(&route, &Method::GET, StatusCode::OK, Duration::ZERO);
        }
        let brew = Method::from_bytes(b"BREW").unwrap_or_default();
        requests.count("/0", &brew, StatusCode::IM_A_TEAPOT, Duration::ZERO);
        let mut text = Text::default();
        requests.write(&mut text);
        let text = text.finish();
        assert!(text.contains("_count{route=\"more\",method=\"GET\",status=\"2xx\"} 500\n"));
        assert!(text.contains("_count{route=\"/0\",method=\"other\",status=\"4xx\"} 1\n"));
        assert_eq!(text.matches("_sum{").count(), MAX_ROUTES + 2);
    }
}
