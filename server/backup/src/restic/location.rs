//! Where a repository is.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::{Error, Kind};

/// Where a repository is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A folder of this machine, absolute.
    Local(PathBuf),
    /// A folder of a remote that rclone's settings name.
    Rclone {
        /// The remote's name.
        remote: String,
        /// The folder there.
        path: String,
    },
}

impl FromStr for Location {
    type Err = Error;

    /// Reads an absolute path or `rclone:REMOTE:PATH`.
    ///
    /// # Errors
    /// Anything else. A remote is a name: rclone would also take settings in its place, which may run commands.
    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |why: &str| Err(Error::new(Kind::Invalid, why.to_owned()));
        if text.len() > 4096 || text.chars().any(char::is_control) {
            return invalid("The location is too long or has control characters.");
        }
        if text.starts_with('/') {
            return Ok(Self::Local(PathBuf::from(text)));
        }
        let Some((remote, path)) = text
            .strip_prefix("rclone:")
            .and_then(|rest| rest.split_once(':'))
        else {
            return invalid("A location is an absolute path, or rclone:REMOTE:PATH.");
        };
        let is_name = |c: char| c.is_alphanumeric() || "_-.+@ ".contains(c);
        if remote.is_empty() || remote.starts_with(['-', ' ']) || !remote.chars().all(is_name) {
            return invalid(
                "A remote is named by the section of rclone's settings: letters, digits, and _ - . + @",
            );
        }
        Ok(Self::Rclone {
            remote: remote.to_owned(),
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{}", path.display()),
            Self::Rclone { remote, path } => write!(f, "rclone:{remote}:{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn a_location_is_a_path_or_a_named_remote() {
        for good in [
            "/backup/ytops",
            "rclone:gdrive:ytops backups",
            "rclone:a-b.c:",
        ] {
            assert_eq!(good.parse::<Location>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "backup",
            "s3:host/bucket",
            "rclone:gdrive",
            "rclone::sftp,ssh=touch /tmp/x:",
            "rclone:gdrive,root_folder_id=x:path",
            "rclone:-v:path",
            "/a\nb",
        ] {
            assert_eq!(
                bad.parse::<Location>().unwrap_err().kind,
                Kind::Invalid,
                "{bad}"
            );
        }
    }
}
