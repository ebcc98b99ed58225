//! The error rate: of the backend's own counters where it has them, else of the probes.

use store::health::Probed;
use types::{health::Status, preflight::Thresholds};

use super::words;

/// The figure of what the backend counts.
const OF_REQUESTS: &str = "error rate of requests";

/// From so many times the limit on errors of requests are critical.
const OFTEN: f64 = 10.0;

/// Fewer errors than this come about by chance.
const FEW: f64 = 5.0;

/// The share of failures within a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// The figure's name.
    pub name: &'static str,
    /// 0 to 1.
    pub share: f64,
    /// What it is the share of, e.g. `2 of 10 checks failed`.
    pub text: String,
    /// How many failed.
    pub failed: f64,
}

impl Rate {
    /// The verdict. Of probes it is no worse than a warning: one that fails is critical while it does, and one that answers
    /// again has failed for as long as it was down.
    pub fn status(&self, thresholds: &Thresholds) -> Status {
        let limit = thresholds.max_error_rate;
        if self.share <= limit {
            return Status::Ok;
        }
        let is_often =
            self.name == OF_REQUESTS && self.failed >= FEW && self.share >= limit * OFTEN;
        if is_often {
            Status::Critical
        } else {
            Status::Warning
        }
    }

    /// A verdict on it in words.
    pub fn summary(&self, status: Status) -> &'static str {
        match status {
            Status::Critical => "fails often",
            _ if self.name == OF_REQUESTS => "fails some requests",
            _ => "fails now and then",
        }
    }

    /// The rate against what is allowed, e.g. `2 of 10 checks failed, 20 %, limit 1 %`.
    pub fn against(&self, thresholds: &Thresholds) -> String {
        format!(
            "{}, {}, limit {}",
            self.text,
            words::short_per_cent(self.share),
            words::short_per_cent(thresholds.max_error_rate)
        )
    }
}

/// The share of failed probes; `None` without any.
pub fn of_probes(probes: &[Probed]) -> Option<Rate> {
    let failed = probes.iter().filter(|probe| !probe.ok).count();
    let whole = i64::try_from(probes.len()).ok()?;
    (whole > 0).then(|| Rate {
        name: "error rate of checks",
        share: words::share(i64::try_from(failed).unwrap_or(whole), whole),
        text: format!("{failed} of {whole} checks failed"),
        failed: words::real(u64::try_from(failed).unwrap_or(u64::MAX)),
    })
}

/// The share of errors among the requests that the backend counted; `None` where it counts none or had none.
///
/// Counters begin at 0 again when the backend restarts: a smaller value than before counts from 0, as in Prometheus'
/// `increase`.
pub fn of_counters(probes: &[Probed]) -> Option<Rate> {
    let counted: Vec<(f64, f64)> = probes
        .iter()
        .filter_map(|probe| Some((probe.requests?, probe.errors?)))
        .collect();
    let (mut requests, mut errors) = (0.0, 0.0);
    for pair in counted.windows(2) {
        requests += grown(pair[0].0, pair[1].0);
        errors += grown(pair[0].1, pair[1].1);
    }
    (requests >= 1.0).then(|| {
        let share = (errors / requests).clamp(0.0, 1.0);
        Rate {
            name: OF_REQUESTS,
            share,
            text: format!("{errors:.0} of {requests:.0} requests ended in an error"),
            failed: errors,
        }
    })
}

fn grown(before: f64, after: f64) -> f64 {
    if after >= before {
        after - before
    } else {
        after
    }
}

/// Requests and errors as Prometheus text counts them, summed over all labels. Errors are 0 where requests are counted
/// and errors are not: a counter with labels is absent until its first error.
pub fn counters(text: &str) -> Option<(f64, f64)> {
    let requests = ["api_requests_total", "api_request_duration_seconds_count"]
        .iter()
        .find_map(|name| sum(text, name))?;
    Some((requests, sum(text, "api_errors_total").unwrap_or(0.0)))
}

fn sum(text: &str, name: &str) -> Option<f64> {
    let mut total = None;
    for line in text.lines() {
        let Some(rest) = line.strip_prefix(name) else {
            continue;
        };
        let value = match rest.as_bytes().first() {
            // Label values may hold spaces and braces; the value follows the last brace.
            Some(b'{') => rest.rsplit_once('}').map(|(_, value)| value),
            Some(b' ' | b'\t') => Some(rest),
            _ => None,
        };
        let number = value
            .and_then(|value| value.split_ascii_whitespace().next())
            .and_then(|value| value.parse::<f64>().ok())
            .filter(|number| number.is_finite() && *number >= 0.0);
        if let Some(number) = number {
            total = Some(total.unwrap_or(0.0) + number);
        }
    }
    total
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    fn counted(requests: f64, errors: f64) -> Probed {
        Probed {
            ok: true,
            requests: Some(requests),
            errors: Some(errors),
        }
    }

    fn rate_of(failed: usize, all: usize) -> Rate {
        let mut probes = vec![counted(0.0, 0.0); all];
        for probe in probes.iter_mut().take(failed) {
            probe.ok = false;
        }
        of_probes(&probes).unwrap()
    }

    #[test]
    fn one_failure_of_ten_is_over_one_per_cent() {
        let mut probes = vec![counted(0.0, 0.0); 10];
        let rate = of_probes(&probes);
        assert_eq!(rate.as_ref().map(|rate| rate.share), Some(0.0));
        probes[3].ok = false;
        let rate = of_probes(&probes);
        assert_eq!(
            rate.as_ref()
                .map(|rate| rate.status(&Thresholds::default())),
            Some(Status::Warning)
        );
        assert_eq!(
            rate.map(|rate| rate.text).as_deref(),
            Some("1 of 10 checks failed")
        );
        let against = rate_of(4, 60).against(&Thresholds::default());
        assert_eq!(against, "4 of 60 checks failed, 6.7 %, limit 1 %");
        assert_eq!(of_probes(&[]), None);
    }

    #[test]
    fn errors_of_requests_are_critical_from_ten_times_the_limit_on() {
        let judged = |requests, errors| {
            let rate = of_counters(&[counted(0.0, 0.0), counted(requests, errors)]).unwrap();
            let status = rate.status(&Thresholds::default());
            (status, rate.summary(status))
        };
        assert_eq!(judged(100.0, 1.0).0, Status::Ok);
        let some = (Status::Warning, "fails some requests");
        assert_eq!(judged(100.0, 9.0), some);
        assert_eq!(judged(100.0, 10.0), (Status::Critical, "fails often"));
        assert_eq!(judged(4.0, 4.0), some, "too few to tell");
        let of_probes = rate_of(9, 10);
        let status = of_probes.status(&Thresholds::default());
        assert_eq!(status, Status::Warning, "it may have been down");
        assert_eq!(of_probes.summary(status), "fails now and then");
    }

    #[test]
    fn counters_are_told_by_their_growth_and_outlive_a_restart() {
        let rate = of_counters(&[
            counted(1_000.0, 500.0),
            counted(1_100.0, 501.0),
            counted(100.0, 1.0),
        ]);
        assert_eq!(rate.map(|rate| rate.share), Some(0.01));
        assert_eq!(
            of_counters(&[counted(5.0, 5.0)]),
            None,
            "one reading tells nothing"
        );
        assert_eq!(
            of_counters(&[counted(5.0, 5.0), counted(5.0, 5.0)]),
            None,
            "no request"
        );
        let silent = Probed {
            ok: false,
            ..Probed::default()
        };
        assert!(of_counters(&[counted(0.0, 0.0), silent, counted(10.0, 1.0)]).is_some());
    }

    #[test]
    fn prometheus_text_is_summed_over_labels() {
        let text = "# HELP api_requests_total all\n\
                    api_requests_total{path=\"/a b}\",code=\"200\"} 7\n\
                    api_requests_total{path=\"/\",code=\"500\"} 3 1700000000\n\
                    api_requests_total_created 99\n\
                    api_errors_total 2\n\
                    api_errors_total NaN\n";
        assert_eq!(counters(text), Some((10.0, 2.0)));
        assert_eq!(
            counters("api_request_duration_seconds_count 4\n"),
            Some((4.0, 0.0))
        );
        assert_eq!(counters("\u{0}garbage {{{\napi_requests_total{ x\n"), None);
    }
}
