//! What the numbers of the NVIDIA driver's errors mean.

use types::health::Status;

/// The common ones, by number: what they mean, and whether it is the card (critical) or most likely a program (a warning),
/// as NVIDIA's list of XID errors has it.
const COMMON: &[(u64, &str, Status)] = &[
    (8, "stopped processing", Status::Warning),
    (
        13,
        "exception of the graphics engine, mostly a program's error",
        Status::Warning,
    ),
    (
        31,
        "memory page fault, mostly a program's error",
        Status::Warning,
    ),
    (32, "corrupted push buffer", Status::Warning),
    (38, "error of the driver's firmware", Status::Critical),
    (43, "stopped processing for a program", Status::Warning),
    (
        45,
        "a program's work was cleaned away after an error before",
        Status::Warning,
    ),
    (
        48,
        "memory error that could not be corrected",
        Status::Critical,
    ),
    (61, "internal microcontroller warning", Status::Critical),
    (62, "internal microcontroller halted", Status::Critical),
    (
        63,
        "bad memory was noted to be replaced at the next reset",
        Status::Warning,
    ),
    (64, "bad memory could not be replaced", Status::Critical),
    (68, "exception of the video decoder", Status::Warning),
    (69, "class error of the graphics engine", Status::Warning),
    (74, "NVLink error", Status::Critical),
    (79, "fell off the bus", Status::Critical),
    (
        92,
        "many memory errors that were corrected",
        Status::Warning,
    ),
    (
        94,
        "memory error that was contained; the program that it hit ended",
        Status::Warning,
    ),
    (
        95,
        "memory error that was not contained; the card needs a reset",
        Status::Critical,
    ),
    (109, "switching programs took too long", Status::Warning),
    (
        119,
        "its system processor (GSP) does not answer",
        Status::Critical,
    ),
    (120, "its system processor (GSP) failed", Status::Critical),
    (
        140,
        "memory error that could not be corrected",
        Status::Critical,
    ),
];

/// What an XID means and how bad it is, such as `fell off the bus (XID 79)`; of a number that is not a common one the
/// number alone.
pub fn told(xid: u64) -> (String, Status) {
    match COMMON.iter().find(|(number, ..)| *number == xid) {
        Some((_, meaning, status)) => (format!("{meaning} (XID {xid})"), *status),
        None => (
            format!("XID {xid}, as NVIDIA's list explains"),
            Status::Warning,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_numbers_are_explained_and_others_named() {
        assert_eq!(
            told(79),
            ("fell off the bus (XID 79)".to_owned(), Status::Critical)
        );
        assert_eq!(told(31).1, Status::Warning);
        assert!(told(9_999).0.contains("XID 9999"));
        assert!(
            COMMON.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "in order, each once"
        );
    }
}
