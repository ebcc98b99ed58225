//! How fine a meter resolves: samples are kept as whole numbers of steps.

/// What is kept of a sample.
///
/// A sample becomes a whole number of the unit's smallest part, and of that as many leading bits as the meter is worth: a
/// rate is a difference of counters that were not read at exact seconds, so digits past a thousandth of it are noise,
/// and noise is what can't be compressed. The numbers of these steps rise with the value, so the least, the greatest and
/// the order of samples are those of their steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Smallest parts in one of the unit.
    parts: u32,
    /// Leading bits that are kept of a number of parts.
    bits: u32,
}

impl Resolution {
    /// The resolution of samples in `unit`, which is UCUM as the OpenTelemetry conventions write it.
    ///
    /// | unit | smallest part | bits kept, which is an error of at most |
    /// |---|---|---|
    /// | `1` (shares, utilisation) | 0.0001 | 10, 0.1 % of the value |
    /// | rates (`By/s`, `{operation}/s`) | 0.01, `By/s` 1 | 10, 0.1 % |
    /// | `By` | 1 | 14, 0.006 % |
    /// | `Hz` | 1 | 14, 0.006 % |
    /// | `W`, `J` | 0.1 | 10, 0.1 % |
    /// | `s` | 0.000001 | 10, 0.1 % |
    /// | counts (`{process}`) and all else | 0.01 | 24: exact to 167,772 |
    pub fn of(unit: &str) -> Self {
        let (parts, bits) = match unit {
            "1" => (10_000, 10),
            "By" | "Hz" => (1, 14),
            "By/s" => (1, 10),
            "W" | "J" => (10, 10),
            "s" => (1_000_000, 10),
            rate if rate.ends_with("/s") => (100, 10),
            _ => (100, 24),
        };
        Self { parts, bits }
    }

    /// The number of the step that `value` is nearest to; `None` for what is not finite.
    pub fn code(self, value: f64) -> Option<i32> {
        if !value.is_finite() {
            return None;
        }
        let most = 2_f64.powi(62);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 2^62"
        )]
        let parts = (value.abs() * f64::from(self.parts)).round().min(most) as u64;
        let length = u64::BITS - parts.leading_zeros();
        let code = if length <= self.bits {
            parts
        } else {
            let shift = length - self.bits;
            // A carry into the next power of two lands on that power's first step by itself.
            let leading = (parts + (1 << (shift - 1))) >> shift;
            (u64::from(shift) << (self.bits - 1)) + leading
        };
        let code = i32::try_from(code).ok()?;
        Some(if value < 0.0 { -code } else { code })
    }

    /// The value of a step.
    pub fn value(self, code: i32) -> f64 {
        let size = code.unsigned_abs();
        let half = 1 << (self.bits - 1);
        let parts = if size < 2 * half {
            f64::from(size)
        } else {
            let shift = (size / half - 1).min(63);
            f64::from(size % half + half) * 2_f64.powi(shift.cast_signed())
        };
        let value = parts / f64::from(self.parts);
        if code < 0 { -value } else { value }
    }
}
