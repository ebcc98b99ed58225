//! Bounds of what agents send.

use types::{
    Error,
    agent::{
        Batch, LONGEST_HOST, MOST_ERRORS, MOST_NAMED, MOST_SAMPLES, MOST_SERIES, MOST_STATES,
        MOST_TICKS, Named, SentTick,
    },
    resources::SourceState,
};

use super::super::writer::MOST_AHEAD_MS;

/// The longest text that is told of a source's state.
const LONGEST_REASON: usize = 500;

/// Refuses what is out of bounds, at `now` (milliseconds since 1970).
///
/// # Errors
/// `Invalid` with the first field that is refused.
pub fn check(batch: &Batch, now: i64) -> Result<(), Error> {
    let host = batch.host.as_str();
    if !is_host(host) {
        return refuse(
            "host",
            "Give the host's name: 1 to 253 characters without blanks.",
        );
    }
    most("named", batch.named.len(), MOST_NAMED)?;
    most("ticks", batch.ticks.len(), MOST_TICKS)?;
    let samples = batch.ticks.iter().map(|tick| tick.numbers.len()).sum();
    most("ticks", samples, MOST_SAMPLES)?;
    let errors = batch.ticks.iter().map(|tick| tick.errors.len()).sum();
    most("ticks", errors, MOST_ERRORS)?;
    for (index, named) in batch.named.iter().enumerate() {
        series(&format!("named[{index}]"), named)?;
    }
    let mut last = i64::MIN;
    for (index, one) in batch.ticks.iter().enumerate() {
        tick(&format!("ticks[{index}]"), one, last, now)?;
        last = one.at;
    }
    let states = batch.states.as_deref().unwrap_or_default();
    most("states", states.len(), MOST_STATES)?;
    for (index, one) in states.iter().enumerate() {
        state(&format!("states[{index}]"), one)?;
    }
    Ok(())
}

/// A host's name, as the console's own setting has it.
pub fn is_host(name: &str) -> bool {
    let is_word = |one: char| !one.is_control() && !one.is_whitespace();
    (1..=LONGEST_HOST).contains(&name.chars().count()) && name.chars().all(is_word)
}

/// What the schema would refuse of a series is only not stored; what is refused here is what nobody should be made to hold.
fn series(field: &str, named: &Named) -> Result<(), Error> {
    let attributes = named
        .attributes
        .iter()
        .map(|(key, value)| key.len() + value.len());
    let fits = !named.name.is_empty()
        && named.name.len() <= 800
        && named.unit.len() <= 200
        && named.attributes.len() <= 64
        && attributes.sum::<usize>() <= 4_000;
    if fits {
        return Ok(());
    }
    refuse(
        field,
        "Its name may have 200 characters, its unit 50, its attributes 1,000 as JSON.",
    )
}

fn tick(field: &str, tick: &SentTick, last: i64, now: i64) -> Result<(), Error> {
    if tick.numbers.len() != tick.values.len() {
        let field = format!("{field}.values");
        return refuse(&field, "Give as many values as numbers.");
    }
    most(&format!("{field}.ended"), tick.ended.len(), MOST_SERIES)?;
    most(&format!("{field}.numbers"), tick.numbers.len(), MOST_SERIES)?;
    if tick.values.iter().any(|value| !value.is_finite()) {
        let field = format!("{field}.values");
        return refuse(&field, "Leave out what is no finite number: it is a gap.");
    }
    let is_name = |name: &str| name.chars().count() <= 100 && !name.contains('\0');
    if (tick.errors.iter()).any(|error| !(is_name(&error.uuid) && is_name(&error.card))) {
        let field = format!("{field}.errors");
        return refuse(&field, "A card's UUID and name may have 100 characters.");
    }
    let field = format!("{field}.at");
    if tick.at <= last || tick.at <= 0 {
        return refuse(&field, "Send ticks in order of time, each once.");
    }
    let ahead = tick.at.saturating_sub(now);
    if ahead > MOST_AHEAD_MS {
        let told = format!(
            "This host's clock is {} s ahead of the console's. Set both by NTP: timedatectl set-ntp true.",
            ahead / 1_000
        );
        return refuse(&field, &told);
    }
    Ok(())
}

fn state(field: &str, state: &SourceState) -> Result<(), Error> {
    let reason = state.reason.as_deref().unwrap_or_default();
    let fits = state.source.len() <= 200
        && state.device.len() <= 4_096
        && reason.len() <= LONGEST_REASON * 4;
    if fits {
        return Ok(());
    }
    refuse(field, "Its source, device or reason is too long.")
}

fn most(field: &str, count: usize, most: usize) -> Result<(), Error> {
    if count <= most {
        return Ok(());
    }
    refuse(
        field,
        &format!("At most {most} at once; there are {count}."),
    )
}

fn refuse(field: &str, message: &str) -> Result<(), Error> {
    Err(Error::field(field, message))
}
