//! Why the console did not take a batch, and what to do.

use serde::Deserialize;

/// The longest text of the console's that is passed on, in characters.
const LONGEST: usize = 500;

/// Why the console did not take a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no way to it, or none that can be trusted.
    Unreachable(String),
    /// It answered with this status and this text.
    Status(u16, String),
    /// It answered what no console answers.
    Strange(String),
}

/// As much of a problem document as is passed on.
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

impl Refusal {
    /// What an answer other than 200 means.
    pub fn of(status: u16, location: Option<&str>, body: &[u8]) -> Self {
        let told = match (serde_json::from_slice::<Problem>(body), location) {
            (Ok(problem), _) => problem.detail,
            (Err(_), Some(location)) => location.to_owned(),
            (Err(_), None) => String::new(),
        };
        let told = told.chars().filter(|c| !c.is_control()).take(LONGEST);
        Self::Status(status, told.collect())
    }

    /// It stays so until a person does something.
    pub const fn is_for_a_person(&self) -> bool {
        matches!(
            self,
            Self::Strange(_) | Self::Status(300..=399 | 400..=428 | 430..=499, _)
        )
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) => write!(
                f,
                "The console can't be reached: {why}. Samples are held for a quarter of an hour and sent when it can."
            ),
            Self::Strange(why) => write!(
                f,
                "What answers at this address is no console: {why}. See to --join."
            ),
            Self::Status(401, _) => f.write_str(
                "The console does not take this token: it is unknown, revoked or past its date. Make one on the console's \
                 host: ytops token add --role agent --name … --days … --host …",
            ),
            Self::Status(403, _) => f.write_str(
                "This token may not send samples: it is for something else. Make one of the role agent on the console's \
                 host: ytops token add --role agent --name … --days … --host …",
            ),
            Self::Status(404 | 405, _) => f.write_str(
                "The console takes no samples at this address. See to --join; an older console is brought up to this \
                 agent's version.",
            ),
            Self::Status(413, _) => f.write_str(
                "The console, or a proxy before it, takes no requests of this size. It must take 1 MiB: \
                 client_max_body_size 1m for nginx.",
            ),
            Self::Status(300..=399, to) => write!(
                f,
                "The console's address leads elsewhere ({to}), where the token is not sent. Give that address to --join."
            ),
            Self::Status(status, told) if told.is_empty() => {
                write!(f, "The console answered with status {status}. It is tried again.")
            }
            Self::Status(_, told) => write!(f, "The console did not take the samples. {told}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_to_do() {
        let problem =
            br#"{"type":"/problems/invalid","detail":"host: This token sends for gpu-1 alone."}"#;
        for (status, body, word, person) in [
            (401, &b""[..], "token add", true),
            (403, b"", "role agent", true),
            (404, b"", "--join", true),
            (409, problem, "gpu-1 alone", true),
            (413, b"", "client_max_body_size", true),
            (422, problem, "gpu-1 alone", true),
            (429, b"", "tried again", false),
            (503, b"<html>", "tried again", false),
        ] {
            let refusal = Refusal::of(status, None, body);
            let told = refusal.to_string();
            assert!(told.contains(word), "{status}: {told}");
            assert_eq!(refusal.is_for_a_person(), person, "{status}");
        }
        let moved = Refusal::of(308, Some("https://new.example.com/"), b"");
        assert!(moved.to_string().contains("(https://new.example.com/)"));
        let long = format!(r#"{{"detail":"{}\n"}}"#, "x".repeat(9_000));
        assert!(Refusal::of(422, None, long.as_bytes()).to_string().len() < 700);
    }
}
