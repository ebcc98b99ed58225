//! The manifest of a site: what the server links to, how large each file is, and what a first visit may load.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// First load that the console allows itself: wasm and scripts, brotli, in bytes. The manifest carries it, so that the
/// bench measures against the same.
pub const FIRST_LOAD_LIMIT: usize = 350 * 1000;

/// A release is refused once it is over the limit by more than this part of it: what is over by less the bench tells, and
/// it is to be mended.
const REFUSED_PART: usize = 100;

/// Sizes of one file in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// As it is.
    pub raw: usize,
    /// Brotli, where a `.br` file stands beside it.
    pub br: Option<usize>,
    /// Gzip, where a `.gz` file stands beside it.
    pub gz: Option<usize>,
}

impl Size {
    /// The compressed size, or the raw one where no compressed form was worth keeping.
    #[must_use]
    pub fn or_raw(self, compressed: Option<usize>) -> usize {
        compressed.unwrap_or(self.raw)
    }
}

/// What a page of one area loads. Paths are relative to the site folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scripts {
    /// The ES module.
    pub js: String,
    /// The wasm file that the module is to be given.
    pub wasm: String,
    /// Folder of the scripts that the module imports, if it imports any.
    pub snippets: Option<String>,
}

/// `manifest.json`: what the server links to. Paths are relative to the site folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The script and the wasm file of each area.
    pub areas: BTreeMap<String, Scripts>,
    /// The style sheet of all areas.
    pub css: String,
    /// Whether the site was made with `--dev`.
    pub dev: bool,
    /// [`FIRST_LOAD_LIMIT`].
    pub first_load_limit: usize,
    /// Every file of the site but the compressed forms and the manifest.
    pub sizes: BTreeMap<String, Size>,
}

impl Manifest {
    /// Reads the manifest of a site folder.
    ///
    /// # Errors
    /// When there is none, or it is not one.
    pub fn read(site: &Path) -> Result<Self> {
        Ok(serde_json::from_slice(&fs::read(
            site.join("manifest.json"),
        )?)?)
    }

    /// Whether every file that it names stands in the folder with its compressed forms.
    #[must_use]
    pub fn is_complete(&self, site: &Path) -> bool {
        let there = |name: String, bytes: usize| {
            fs::metadata(site.join(name)).is_ok_and(|found| found.len() == bytes as u64)
        };
        self.sizes.iter().all(|(name, size)| {
            there(name.clone(), size.raw)
                && size
                    .br
                    .is_none_or(|bytes| there(format!("{name}.br"), bytes))
                && size
                    .gz
                    .is_none_or(|bytes| there(format!("{name}.gz"), bytes))
        })
    }

    /// Bytes of wasm and scripts, brotli: what a first visit to a page of each area loads before the page hydrates.
    pub fn first_loads(&self) -> impl Iterator<Item = (&str, usize)> {
        self.areas.iter().map(|(area, scripts)| {
            let bytes = self
                .sizes
                .iter()
                .filter(|(name, _)| scripts.loads(name))
                .map(|(_, size)| size.or_raw(size.br))
                .sum();
            (area.as_str(), bytes)
        })
    }

    /// Whether no area loads more than it may. A site made with `--dev` is not small, and is asked for nothing.
    ///
    /// # Errors
    /// Names each area that is over the limit, by how much, and what to do.
    pub fn keeps_to_the_limit(&self) -> Result<()> {
        let limit = self.first_load_limit;
        let refused = limit + limit / REFUSED_PART;
        let over: Vec<String> = self
            .first_loads()
            .filter(|(_, bytes)| !self.dev && *bytes > refused)
            .map(|(area, bytes)| {
                let by = bytes - limit;
                format!("{area} {bytes} B, {by} B too much")
            })
            .collect();
        ensure!(
            over.is_empty(),
            "what a first visit loads (wasm and scripts, brotli) is over the limit of {limit} B: {}. Write what is only read \
             as plain HTML, or give some of its pages an area of their own: docs/decisions/0008-bundles-by-area.md says what \
             weighs most",
            over.join("; ")
        );
        Ok(())
    }
}

impl Scripts {
    fn loads(&self, name: &str) -> bool {
        let in_folder = |folder: &String| name.starts_with(folder.as_str());
        name == self.js || name == self.wasm || self.snippets.as_ref().is_some_and(in_folder)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;

    fn manifest(of_office: usize, dev: bool) -> Manifest {
        let scripts = |area: &str| Scripts {
            js: format!("pkg/{area}.js"),
            wasm: format!("pkg/{area}.wasm"),
            snippets: None,
        };
        let size = |br| Size {
            raw: 4 * br,
            br: Some(br),
            gz: None,
        };
        let sizes = [
            ("pkg/daily.js", 9_000),
            ("pkg/daily.wasm", FIRST_LOAD_LIMIT - 9_000),
            ("pkg/office.js", 9_000),
            ("pkg/office.wasm", of_office),
        ];
        Manifest {
            areas: ["daily", "office"]
                .map(|area| (area.to_owned(), scripts(area)))
                .into(),
            css: String::new(),
            dev,
            first_load_limit: FIRST_LOAD_LIMIT,
            sizes: sizes.map(|(name, br)| (name.to_owned(), size(br))).into(),
        }
    }

    #[test]
    fn an_area_that_loads_too_much_is_refused_by_name_and_by_how_much() {
        assert!(manifest(300_000, false).keeps_to_the_limit().is_ok());
        let refused = manifest(366_970, false).keeps_to_the_limit();
        let error = refused.unwrap_err().to_string();
        let told = "limit of 350000 B: office 375970 B, 25970 B too much.";
        assert!(error.contains(told), "{error}");
        assert!(!error.contains("daily"), "{error}");
        assert!(manifest(366_970, true).keeps_to_the_limit().is_ok());
    }
}
