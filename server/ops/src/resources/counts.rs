//! What became of samples.

/// What became of samples, since the writer was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Samples that were taken.
    pub taken: u64,
    /// Samples that were refused: not newer than the newest of their host, or ahead of the time.
    pub refused: u64,
    /// Frames that were dropped because the database was away for too long.
    pub dropped_frames: u64,
    /// Samples of no series, or of one that the database would refuse.
    pub unnamed: u64,
}
