//! What became of samples.

use ops::resources::Tally;

use super::text::Text;

/// Writes what this process heard of hosts.
pub fn write(text: &mut Text, tally: &Tally) {
    let counts = &tally.counts;
    text.counter(
        "ytops_samples_taken_total",
        "Samples that this process stored or is about to.",
        &[],
        counts.taken,
    );
    text.counter(
        "ytops_samples_refused_total",
        "Samples not newer than the newest of their host, or ahead of the time.",
        &[],
        counts.refused + tally.refused,
    );
    text.counter(
        "ytops_sample_frames_dropped_total",
        "Seconds of a host that were given up: the database was away for too long, or there was too much to write.",
        &[],
        counts.dropped_frames + tally.dropped_frames,
    );
    text.family(
        "ytops_sample_flush_seconds",
        "summary",
        "Time to bring samples to the database, every ten seconds.",
    );
    text.sample("_sum", &[], tally.flush_seconds);
    text.sample("_count", &[], tally.flushes);
}
