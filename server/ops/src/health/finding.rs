//! What a check found, and the verdict of all that concerns it.

use std::{fmt::Write, time::Duration};

use store::health::Probed;
use types::{
    health::{Check, Figure, Status},
    preflight::Thresholds,
};

use crate::outside::ProbeError;

/// Something that keeps a check from being ok.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Concern {
    status: Status,
    summary: String,
    detail: String,
}

/// What one check found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// It answered as it should.
    pub ok: bool,
    /// How long the answer took.
    pub latency: Option<Duration>,
    /// What was asked, without credentials.
    pub target: String,
    /// The compose service behind it, or empty.
    pub service: String,
    /// Counts towards the error rate; none when nothing could be asked.
    pub probed: Option<Probed>,
    pub(super) detail: String,
    figures: Vec<Figure>,
    concerns: Vec<Concern>,
}

impl Finding {
    /// It answered as it should; `detail` says what.
    pub fn well(detail: impl Into<String>) -> Self {
        Self {
            ok: true,
            detail: detail.into(),
            ..Self::default()
        }
    }

    /// It did not.
    pub fn failed(error: &ProbeError) -> Self {
        let summary = match error {
            ProbeError::Unreachable(_) | ProbeError::TimedOut(_) => "does not answer",
            ProbeError::Refused(_) => "refuses the console",
            ProbeError::Wrong(_) => "answers wrongly",
        };
        Self::default().with(Status::Critical, summary, error.to_string())
    }

    /// It could not be learnt.
    pub fn unknown(detail: impl Into<String>) -> Self {
        Self::default().with(Status::Unknown, "is unknown", detail)
    }

    /// The same with one more concern.
    pub fn with(
        mut self,
        status: Status,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        self.concerns.push(Concern {
            status,
            summary: summary.into(),
            detail: detail.into(),
        });
        self
    }

    /// The same with one more figure.
    pub fn showing(mut self, name: &str, text: impl Into<String>, status: Status) -> Self {
        self.figures.push(Figure {
            name: name.to_owned(),
            text: text.into(),
            status,
        });
        self
    }

    /// The same, slow if it took longer than allowed.
    pub fn timed(mut self, latency: Duration, thresholds: &Thresholds) -> Self {
        self.latency = Some(latency);
        let ms = latency.as_secs_f64() * 1_000.0;
        if ms <= thresholds.max_response_ms {
            return self;
        }
        let detail = format!(
            "{ms:.0} ms against {:.0} ms allowed",
            thresholds.max_response_ms
        );
        self.with(Status::Warning, "answers slowly", detail)
    }

    /// The check to be stored. The worst concern gives verdict and summary; of equals the first.
    pub fn check(self, name: &str) -> Check {
        let worst = self
            .concerns
            .iter()
            .rev()
            .max_by_key(|concern| concern.status);
        let mut detail = String::new();
        for concern in &self.concerns {
            let gap = if detail.is_empty() { "" } else { "; " };
            let _ = write!(detail, "{gap}{}", concern.detail);
        }
        Check {
            name: name.to_owned(),
            status: worst.map_or(Status::Ok, |concern| concern.status),
            ok: self.ok,
            summary: worst.map_or_else(|| "answers".to_owned(), |concern| concern.summary.clone()),
            // To 0.1 ms.
            latency_ms: self
                .latency
                .map(|latency| (latency.as_secs_f64() * 10_000.0).round() / 10.0),
            detail: if detail.is_empty() {
                self.detail
            } else {
                detail
            },
            target: self.target,
            service: self.service,
            figures: self.figures,
            checked_at: None,
            last_success_at: None,
            since: None,
            began_before: false,
        }
    }
}
