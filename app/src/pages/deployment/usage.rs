//! CPU and memory in use against their limits.

use crate::components::format;

/// The share of a limit in use, 0 to 1.
pub fn share(used: Option<f64>, limit: Option<f64>) -> Option<f64> {
    Some(used? / limit.filter(|limit| *limit > 0.0)?)
}

/// A limit in cores as one in per cent of a core.
pub fn cpu_limit(cores: Option<f64>) -> Option<f64> {
    Some(cores? * 100.0)
}

/// Cores in use of `percent` of one core, and the limit in cores where there is one.
pub fn cpu(percent: Option<f64>, limit: Option<f64>) -> String {
    match (percent, limit) {
        (None, _) => format::UNKNOWN.to_owned(),
        (Some(used), Some(limit)) => {
            format!("{} / {}", format::cores(used), format::core_limit(limit))
        }
        (Some(used), None) => format::cores(used),
    }
}

/// The share of the memory limit in use, 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a share of two digits")]
pub fn memory_share(bytes: Option<u64>, limit: Option<u64>) -> Option<f64> {
    share(
        bytes.map(|bytes| bytes as f64),
        limit.map(|limit| limit as f64),
    )
}

/// Memory in use, and the limit where there is one.
pub fn memory(bytes: Option<u64>, limit: Option<u64>) -> String {
    match (bytes, limit) {
        (None, _) => format::UNKNOWN.to_owned(),
        (Some(used), Some(limit)) => {
            format!("{} / {}", format::bytes(used), format::bytes(limit))
        }
        (Some(used), None) => format::bytes(used),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_need_a_limit_and_a_figure() {
        assert_eq!(share(None, Some(1.0)), None);
        assert_eq!(share(Some(1.0), None), None);
        assert_eq!(share(Some(1.0), Some(0.0)), None);
        assert_eq!(share(Some(330.0), cpu_limit(Some(4.0))), Some(0.825));
        assert_eq!(memory_share(Some(1 << 30), Some(4 << 30)), Some(0.25));
    }

    #[test]
    fn a_limit_is_said_where_there_is_one() {
        assert_eq!(cpu(None, Some(4.0)), format::UNKNOWN);
        assert_eq!(cpu(Some(330.0), None), "3.3");
        assert_eq!(cpu(Some(330.0), Some(4.0)), "3.3 / 4");
        assert_eq!(memory(Some(1 << 30), Some(4 << 30)), "1.0 GiB / 4.0 GiB");
        assert_eq!(memory(None, None), format::UNKNOWN);
    }
}
