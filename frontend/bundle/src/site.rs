//! The site folder: content-hashed names, ready-made compression, and the manifest that names it all.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::{
    compress::{brotli, gzip, is_compressible},
    inputs::File,
    manifest::{FIRST_LOAD_LIMIT, Manifest, Scripts, Size},
    wasm::Page,
};

/// A site that is ready to be written.
#[derive(Debug)]
pub struct Site {
    areas: BTreeMap<String, Scripts>,
    css: String,
    dev: bool,
    files: Vec<File>,
}

impl Site {
    /// Names the parts by their content.
    #[must_use]
    pub fn new(pages: Vec<(String, Page)>, sheet: String, public: Vec<File>, dev: bool) -> Self {
        let mut files = public;
        let areas = pages
            .into_iter()
            .map(|(area, page)| {
                let scripts = scripts(&area, page, &mut files);
                (area, scripts)
            })
            .collect();
        let css = place(&mut files, "ytops", "css", sheet.into_bytes());
        Self {
            areas,
            css,
            dev,
            files,
        }
    }

    /// Fills the folder and removes from it what is not part of this site. The manifest goes last, so
    /// that a server reading the folder finds either the old site or the new one.
    ///
    /// # Errors
    /// When something can't be written, or an area of a site for release loads too much: then the folder's old manifest
    /// stays, or there is none.
    pub fn write(&self, out: &Path) -> Result<Manifest> {
        let mut sizes = BTreeMap::new();
        let mut kept = BTreeSet::from([out.join("manifest.json")]);
        for file in &self.files {
            let path = out.join(&file.path);
            write_file(&path, &file.bytes)?;
            let mut size = Size {
                raw: file.bytes.len(),
                br: None,
                gz: None,
            };
            if is_compressible(file) {
                size.br = beside(
                    &path,
                    "br",
                    &brotli(&file.bytes, self.dev)?,
                    size.raw,
                    &mut kept,
                )?;
                size.gz = beside(
                    &path,
                    "gz",
                    &gzip(&file.bytes, self.dev)?,
                    size.raw,
                    &mut kept,
                )?;
            }
            kept.insert(path);
            sizes.insert(file.path.clone(), size);
        }
        let manifest = Manifest {
            areas: self.areas.clone(),
            css: self.css.clone(),
            dev: self.dev,
            first_load_limit: FIRST_LOAD_LIMIT,
            sizes,
        };
        manifest.keeps_to_the_limit()?;
        let mut json = serde_json::to_vec_pretty(&manifest)?;
        json.push(b'\n');
        write_file(&out.join("manifest.json"), &json)?;
        remove_others(out, &kept)?;
        Ok(manifest)
    }
}

/// Adds what an area's pages load to the files, and says where it is.
fn scripts(area: &str, page: Page, files: &mut Vec<File>) -> Scripts {
    let mut script = page.js;
    let mut snippets = None;
    if !page.snippets.is_empty() {
        // The folder carries the hash, for the scripts may import each other by relative names.
        let all: Vec<u8> = page
            .snippets
            .iter()
            .flat_map(|file| [file.path.as_bytes(), &file.bytes].concat())
            .collect();
        let folder = format!("snippets-{}", short_hash(&all));
        script = script.replace("./snippets/", &format!("./{folder}/"));
        for file in page.snippets {
            let path = format!("pkg/{folder}/{}", file.path);
            // Areas that import the same share it.
            if files.iter().all(|placed| placed.path != path) {
                files.push(File {
                    path,
                    bytes: file.bytes,
                });
            }
        }
        snippets = Some(format!("pkg/{folder}/"));
    }
    Scripts {
        js: place(files, area, "js", script.into_bytes()),
        wasm: place(files, area, "wasm", page.wasm),
        snippets,
    }
}

fn place(files: &mut Vec<File>, name: &str, extension: &str, bytes: Vec<u8>) -> String {
    let path = format!("pkg/{name}.{}.{extension}", short_hash(&bytes));
    files.push(File {
        path: path.clone(),
        bytes,
    });
    path
}

/// Writes the compressed form beside the file where it is the smaller one, and gives its size.
fn beside(
    path: &Path,
    extension: &str,
    bytes: &[u8],
    raw: usize,
    kept: &mut BTreeSet<PathBuf>,
) -> io::Result<Option<usize>> {
    if bytes.len() >= raw {
        return Ok(None);
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    let path = PathBuf::from(name);
    write_file(&path, bytes)?;
    kept.insert(path);
    Ok(Some(bytes.len()))
}

/// Writes through a second name, so that no reader sees half a file.
///
/// # Errors
/// When it can't be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    fs::write(&draft, bytes)?;
    fs::rename(&draft, path)
}

fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
            if fs::read_dir(&path)?.next().is_none() {
                fs::remove_dir(&path)?;
            }
        } else if !kept.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// First 16 hexadecimal digits of the SHA-256: enough that two contents never meet in one site.
fn short_hash(bytes: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(bytes));
    digits.truncate(16);
    digits
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use std::io::Read;

    use super::*;

    fn page() -> Page {
        Page {
            js: format!(
                "import {{ now }} from './snippets/app-1/inline0.js';\n{}",
                "// filler\n".repeat(100)
            ),
            wasm: b"\0asm".repeat(400),
            snippets: vec![File {
                path: "app-1/inline0.js".into(),
                bytes: b"export const now = 1;".to_vec(),
            }],
        }
    }

    fn site(sheet: &str) -> Site {
        let icon = File {
            path: "favicon.svg".into(),
            bytes: b"<svg/>".to_vec(),
        };
        let pages = vec![("daily".to_owned(), page()), ("office".to_owned(), page())];
        Site::new(pages, sheet.to_owned(), vec![icon], false)
    }

    #[test]
    fn names_follow_content() {
        let (first, same, other) = (site(".a{}"), site(".a{}"), site(".b{}"));
        assert_eq!((&first.areas, &first.css), (&same.areas, &same.css));
        assert_eq!(first.areas, other.areas);
        assert_ne!(first.css, other.css);
    }

    #[test]
    fn the_folder_holds_this_site_and_nothing_else() {
        let out = tempfile::tempdir().unwrap();
        let old = site(".a{}").write(out.path()).unwrap();
        let new = site(".b{}").write(out.path()).unwrap();
        assert!(!out.path().join(&old.css).exists());
        assert!(new.is_complete(out.path()));
        assert_eq!(Manifest::read(out.path()).unwrap(), new);
        fs::remove_file(out.path().join(format!("{}.br", new.areas["daily"].wasm))).unwrap();
        assert!(!new.is_complete(out.path()));
    }

    #[test]
    fn compressed_forms_hold_the_same_bytes() {
        let out = tempfile::tempdir().unwrap();
        let manifest = site(".a{}").write(out.path()).unwrap();
        let wasm = &manifest.areas["daily"].wasm;
        let raw = fs::read(out.path().join(wasm)).unwrap();
        let mut unpacked = Vec::new();
        let packed = fs::read(out.path().join(format!("{wasm}.br"))).unwrap();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, raw);
        let packed = fs::read(out.path().join(format!("{wasm}.gz"))).unwrap();
        unpacked.clear();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, raw);
        assert!(
            !out.path().join("favicon.svg.br").exists(),
            "too short to gain"
        );
    }

    #[test]
    fn the_script_imports_its_snippets_where_they_lie() {
        let out = tempfile::tempdir().unwrap();
        let manifest = site(".a{}").write(out.path()).unwrap();
        let script = fs::read_to_string(out.path().join(&manifest.areas["daily"].js)).unwrap();
        let from = script.split('\'').nth(1).unwrap();
        assert!(out.path().join("pkg").join(from).is_file(), "{from}");
    }

    #[test]
    fn each_area_loads_its_own_and_what_they_share_lies_there_once() {
        let out = tempfile::tempdir().unwrap();
        let manifest = site(".a{}").write(out.path()).unwrap();
        let (daily, office) = (&manifest.areas["daily"], &manifest.areas["office"]);
        assert!(daily.js.starts_with("pkg/daily.") && office.js.starts_with("pkg/office."));
        assert_eq!(daily.snippets, office.snippets);
        let loads: Vec<_> = manifest.first_loads().collect();
        assert_eq!(loads.len(), 2);
        let of = |name: &String| {
            let size = manifest.sizes[name];
            size.or_raw(size.br)
        };
        let snippet = "export const now = 1;".len();
        assert_eq!(
            loads[0],
            ("daily", of(&daily.js) + of(&daily.wasm) + snippet)
        );
    }
}
