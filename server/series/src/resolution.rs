//! How fine a meter resolves: samples are kept as whole numbers of steps.

/// What is kept of a sample.
///
/// A sample becomes a whole number of the unit's smallest part, and of that as many leading digits as the meter is worth:
/// a rate is a difference of counters that were not read at exact seconds, so what is past a few thousandths of it is
/// noise, and noise is what can't be compressed. The numbers of these steps rise with the value, so the least, the
/// greatest and the order of samples are those of their steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Smallest parts in one of the unit.
    parts: u32,
    /// Numbers of parts below this are kept as they are; of others, the leading digits that are below it.
    leading: u32,
    /// Ten where people read the digits, two where they are many: binary digits lose less for what they cost.
    radix: u32,
}

impl Resolution {
    /// The resolution of samples in `unit`, which is UCUM as the OpenTelemetry conventions write it.
    ///
    /// | unit | smallest part | digits kept |
    /// |---|---|---|
    /// | `1` (shares, utilisation) | 0.0001 | 3: 97.4 %, 3.42 % |
    /// | rates (`By/s`, `{operation}/s`) | 0.01, `By/s` 1 | 9 binary: off by 0.2 % at most |
    /// | `By` | 1 | 12 binary: off by 0.025 % at most |
    /// | `Hz` | 1 | 4 |
    /// | `W`, `J` | 0.1 | 3 |
    /// | `s` | 0.000001 | 3 |
    /// | `{cpu}` (processors' time) | 0.001 | 5 |
    /// | counts (`{process}`) and all else | 0.01 | 5 |
    pub fn of(unit: &str) -> Self {
        let (parts, leading, radix) = match unit {
            "1" => (10_000, 1_000, 10),
            "By" => (1, 1 << 12, 2),
            "Hz" => (1, 10_000, 10),
            "By/s" => (1, 1 << 9, 2),
            "W" | "J" => (10, 1_000, 10),
            "s" => (1_000_000, 1_000, 10),
            // Most containers take a few thousandths of a core.
            "{cpu}" => (1_000, 100_000, 10),
            rate if rate.ends_with("/s") => (100, 1 << 9, 2),
            _ => (100, 100_000, 10),
        };
        Self {
            parts,
            leading,
            radix,
        }
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
        let (mut scale, mut shift) = (1, 0);
        while parts / scale >= u64::from(self.leading) {
            scale *= u64::from(self.radix);
            shift += 1;
        }
        // A carry into one digit more lands on the first step with that digit by itself.
        let leading = (parts + scale / 2) / scale;
        let code = shift * u64::from(self.each()) + leading;
        let code = i32::try_from(code).ok()?;
        Some(if value < 0.0 { -code } else { code })
    }

    /// The value of a step.
    pub fn value(self, code: i32) -> f64 {
        let size = code.unsigned_abs();
        let shift = size.saturating_sub(self.leading / self.radix) / self.each();
        let leading = f64::from(size - shift * self.each());
        // More digits than any number of parts has come of no sample.
        let scale = f64::from(self.radix).powi(shift.min(62).cast_signed());
        let value = leading * scale / f64::from(self.parts);
        if code < 0 { -value } else { value }
    }

    /// How many steps there are with each number of digits past the leading ones.
    const fn each(self) -> u32 {
        self.leading - self.leading / self.radix
    }
}
