//! The compressed forms of a site's files.

use std::{io, io::Write, path::Path};

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

/// Whether a compressed form of it may be worth keeping.
pub fn is_compressible(file: &File) -> bool {
    let extension = Path::new(&file.path)
        .extension()
        .and_then(|found| found.to_str());
    file.bytes.len() >= WORTH_COMPRESSING
        && extension.is_some_and(|found| COMPRESSIBLE.contains(&found))
}

/// Windows that are tried, as powers of two: the larger one does not always make the smaller file.
const WINDOWS: [i32; 2] = [20, 22];

/// The bytes in brotli: quickly, or as small as it gets.
pub fn brotli(bytes: &[u8], dev: bool) -> io::Result<Vec<u8>> {
    if dev {
        return brotli_of(bytes, 5, 22);
    }
    let [one, other] = WINDOWS.map(|window| brotli_of(bytes, 11, window));
    let (one, other) = (one?, other?);
    Ok(if other.len() < one.len() { other } else { one })
}

fn brotli_of(bytes: &[u8], quality: i32, lgwin: i32) -> io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
    Ok(out)
}

/// The bytes in gzip: quickly, or as small as it gets.
pub fn gzip(bytes: &[u8], dev: bool) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(if dev { 5 } else { 9 }));
    encoder.write_all(bytes)?;
    encoder.finish()
}
