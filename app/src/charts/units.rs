//! Values as people read them: in the unit that fits, with no more digits than matter.

/// A unit that values are told in: its name, how much of the base unit it is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step(&'static str, f64);

const SHARE: &[Step] = &[Step("%", 0.01)];
const BYTES: &[Step] = &[
    Step("B", 1.0),
    Step("KiB", 1_024.0),
    Step("MiB", 1_048_576.0),
    Step("GiB", 1_073_741_824.0),
    Step("TiB", 1_099_511_627_776.0),
    Step("PiB", 1_125_899_906_842_624.0),
];
const RATE: &[Step] = &[
    Step("B/s", 1.0),
    Step("kB/s", 1e3),
    Step("MB/s", 1e6),
    Step("GB/s", 1e9),
    Step("TB/s", 1e12),
];
const BITS: &[Step] = &[
    Step("bit/s", 1.0),
    Step("kbit/s", 1e3),
    Step("Mbit/s", 1e6),
    Step("Gbit/s", 1e9),
];
const HERTZ: &[Step] = &[
    Step("Hz", 1.0),
    Step("kHz", 1e3),
    Step("MHz", 1e6),
    Step("GHz", 1e9),
];
const SECONDS: &[Step] = &[Step("µs", 1e-6), Step("ms", 1e-3), Step("s", 1.0)];
const WATTS: &[Step] = &[Step("W", 1.0), Step("kW", 1e3)];
const CELSIUS: &[Step] = &[Step("°C", 1.0)];
const COUNT: &[Step] = &[
    Step("", 1.0),
    Step("k", 1e3),
    Step("M", 1e6),
    Step("G", 1e9),
    Step("T", 1e12),
];

/// The unit of processors' time.
const CORES: &str = "{cpu}";

/// The units of a UCUM unit, and the noun that follows where things are counted.
fn family(ucum: &str) -> (&'static [Step], String) {
    let steps = match ucum {
        "1" => SHARE,
        "By" => BYTES,
        "By/s" => RATE,
        "bit/s" => BITS,
        "Hz" => HERTZ,
        "s" => SECONDS,
        "W" => WATTS,
        "Cel" => CELSIUS,
        _ => return (COUNT, noun(ucum)),
    };
    (steps, String::new())
}

/// `{process}` is `processes`, `{packet}/s` is `packets/s`; anything else stays as it is.
fn noun(ucum: &str) -> String {
    let Some((one, rest)) = ucum.strip_prefix('{').and_then(|text| text.split_once('}')) else {
        return ucum.to_owned();
    };
    if ucum == CORES {
        return "cores".to_owned();
    }
    let one = if one == "pid" { "process" } else { one };
    let many = match one {
        "" => "",
        _ if one.ends_with('s') => "es",
        _ => "s",
    };
    format!("{one}{many}{rest}")
}

/// The largest unit that a value has one of; the smallest where it has none.
fn fitting(steps: &'static [Step], value: f64) -> Step {
    let of_it = |step: &&Step| value >= step.1 * 0.9995;
    steps
        .iter()
        .rev()
        .find(of_it)
        .or(steps.first())
        .copied()
        .unwrap_or(Step("", 1.0))
}

/// A number with so many digits after its point. Whole numbers are all that is formatted.
pub fn decimal(value: f64, digits: u32) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let factor = 10_u64.pow(digits.min(6));
    #[expect(clippy::cast_precision_loss, reason = "a power of ten up to a million")]
    let scaled = (value.abs() * factor as f64 + 0.5).min(9e15);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and bounded"
    )]
    let scaled = scaled as u64;
    let sign = if value < 0.0 && scaled > 0 { "−" } else { "" };
    let (whole, rest) = (scaled / factor, scaled % factor);
    if digits == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest:0width$}", width = digits as usize)
    }
}

/// A number for machines, with up to nine digits after its point, and none of them needless.
pub fn exact(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "far below what is measured"
    )]
    let (whole, rest) = (value.abs().trunc() as i64, value.abs().fract());
    #[expect(clippy::cast_possible_truncation, reason = "up to a thousand millions")]
    let nanos = (rest * 1e9 + 0.5) as i64;
    let (whole, nanos) = (whole + nanos / 1_000_000_000, nanos % 1_000_000_000);
    let sign = if value < 0.0 && (whole, nanos) != (0, 0) {
        "-"
    } else {
        ""
    };
    let text = format!("{sign}{whole}.{nanos:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A value as its number and its unit: `("12.3", "MB/s")`.
pub fn parts(ucum: &str, value: f64) -> (String, String) {
    let (steps, noun) = family(ucum);
    let step = fitting(steps, value.abs());
    let scaled = value / step.1;
    let is_whole = scaled - scaled.trunc() == 0.0;
    let digits = match scaled.abs() {
        _ if is_whole && (steps == COUNT || step.0 == "B" || scaled == 0.0) => 0,
        // Most services take a few hundredths of a core, or less.
        size if ucum == CORES && size < 0.995 => 2 + u32::from(size < 0.0095),
        size if size >= 99.95 => 0,
        size if size >= 9.995 => u32::from(!matches!(step.0, "%" | "°C" | "W" | "B/s" | "B")),
        size if size < 0.0995 && step.0 != "B/s" => 2,
        _ => 1,
    };
    let unit = match (step.0, noun.as_str()) {
        (unit, "") => unit.to_owned(),
        ("", noun) => noun.to_owned(),
        (unit, noun) => format!("{unit} {noun}"),
    };
    (decimal(scaled, digits), unit)
}

/// A value with its unit: `12.3 MB/s`.
pub fn value(ucum: &str, value: f64) -> String {
    let (number, unit) = parts(ucum, value);
    if unit.is_empty() {
        number
    } else {
        format!("{number} {unit}")
    }
}

/// What stands along an axis of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The value at the lower edge.
    pub bottom: f64,
    /// The value at the upper edge.
    pub top: f64,
    /// Values with their labels, from the lowest on.
    pub ticks: Vec<(f64, String)>,
}

/// An axis from `least` to `greatest` of the data, with about `wanted` labels. It ends at `most` where that is near.
pub fn axis(ucum: &str, least: f64, greatest: f64, most: Option<f64>, wanted: u32) -> Axis {
    let (steps, _) = family(ucum);
    let least = least.min(0.0);
    let cap = most.filter(|most| *most > 0.0 && most.is_finite() && greatest >= most * 0.4);
    let highest = cap
        .unwrap_or(greatest)
        .max(greatest.min(cap.unwrap_or(greatest)));
    let reach = if highest > least {
        highest - least
    } else {
        smallest(ucum)
    };
    let unit = fitting(steps, reach.max(least.abs()));
    let raw = reach / f64::from(wanted.max(1));
    let step = if ucum == "By" {
        binary(raw / unit.1)
    } else {
        decades(raw / unit.1)
    } * unit.1;
    // Half a process is none.
    let is_count = ucum.starts_with('{') && ucum.ends_with('}') && ucum != CORES;
    let step = if is_count { step.max(1.0) } else { step };
    let bottom = if least < 0.0 { -up(-least, step) } else { 0.0 };
    // A little air above the highest point.
    let top = cap.unwrap_or_else(|| up((least + reach) * 1.02, step));
    let digits = digits(step / unit.1);
    let mut ticks = Vec::new();
    let mut place = bottom;
    while place <= top + step * 1e-6 && ticks.len() < 32 {
        let number = decimal(place / unit.1, if place == 0.0 { 0 } else { digits });
        let label = match unit.0 {
            "" => number,
            name => format!("{number} {name}"),
        };
        ticks.push((place, label));
        place += step;
    }
    // What can't be passed is told, where it is no round value and has room.
    if ticks
        .last()
        .is_some_and(|last| top - last.0 > step * 0.6 && ticks.len() < 32)
    {
        ticks.push((top, value(ucum, top)));
    }
    Axis { bottom, top, ticks }
}

/// What an axis reaches to where there is nothing but zeros.
fn smallest(ucum: &str) -> f64 {
    match ucum {
        "1" => 0.01,
        "By" | "By/s" => 1_000.0,
        "s" => 0.001,
        CORES => 0.1,
        _ => 1.0,
    }
}

/// The next multiple of `step` that is not below `value`.
fn up(value: f64, step: f64) -> f64 {
    (value / step - 1e-6).ceil().max(1.0) * step
}

/// The next of 1, 2, 5, 10, 20, … that is not below `raw`.
fn decades(raw: f64) -> f64 {
    let mut power = 1.0;
    while power * 10.0 <= raw && power < 1e15 {
        power *= 10.0;
    }
    while power > raw && power > 1e-9 {
        power /= 10.0;
    }
    let near = |factor: &f64| power * factor >= raw * 0.999;
    [1.0, 2.0, 5.0, 10.0].into_iter().find(near).unwrap_or(10.0) * power
}

/// The next power of two that is not below `raw`.
fn binary(raw: f64) -> f64 {
    let mut step = 1.0;
    while step < raw && step < 1e15 {
        step *= 2.0;
    }
    while step / 2.0 >= raw && step > 1e-3 {
        step /= 2.0;
    }
    step
}

/// How many digits a multiple of `step` needs after its point.
fn digits(step: f64) -> u32 {
    let mut digits = 0;
    let mut scaled = step;
    while digits < 4 && (scaled - (scaled + 0.5).floor()).abs() > 1e-6 {
        scaled *= 10.0;
        digits += 1;
    }
    digits
}
