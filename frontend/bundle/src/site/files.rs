//! Files of the site folder and their compressed forms.

use std::{
    collections::BTreeSet,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

use crate::inputs::File;

/// Files shorter than this fit one packet either way.
const WORTH_COMPRESSING: usize = 512;

/// Extensions of what compresses; pictures are compressed already.
const COMPRESSIBLE: &[&str] = &[
    "js",
    "wasm",
    "css",
    "svg",
    "html",
    "json",
    "webmanifest",
    "txt",
    "xml",
    "map",
];

/// Whether a file is worth a compressed form.
pub fn is_compressible(file: &File) -> bool {
    let extension = Path::new(&file.path)
        .extension()
        .and_then(|found| found.to_str());
    file.bytes.len() >= WORTH_COMPRESSING
        && extension.is_some_and(|found| COMPRESSIBLE.contains(&found))
}

/// Writes the compressed form beside the file where it is the smaller one, and gives its size.
///
/// # Errors
/// When it can't be written.
pub fn beside(
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

/// Removes what is not among `kept`, and folders that are empty then.
///
/// # Errors
/// When something can't be removed.
pub fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> io::Result<()> {
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

/// Brotli, quickly for a site of `--dev`.
///
/// # Errors
/// When the encoder fails.
pub fn brotli(bytes: &[u8], dev: bool) -> io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: if dev { 5 } else { 11 },
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
    Ok(out)
}

/// Gzip, quickly for a site of `--dev`.
///
/// # Errors
/// When the encoder fails.
pub fn gzip(bytes: &[u8], dev: bool) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(if dev { 5 } else { 9 }));
    encoder.write_all(bytes)?;
    encoder.finish()
}
