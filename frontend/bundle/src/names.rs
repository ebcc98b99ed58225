//! Names in wasm files: read, and written anew.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

/// The parts of a wasm file that carry names.
pub struct Module {
    /// Of what the script gives.
    pub imports: Vec<String>,
    /// Of what the script is given.
    pub exports: Vec<String>,
}

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

impl Module {
    /// Reads them.
    ///
    /// # Errors
    /// When it is no wasm file.
    pub fn read(wasm: &[u8]) -> Result<Self> {
        let (mut imports, mut exports) = (Vec::new(), Vec::new());
        for (id, body) in sections(wasm)? {
            let mut bytes = Bytes(body);
            match id {
                IMPORTS => {
                    for _ in 0..bytes.number()? {
                        bytes.name()?;
                        imports.push(bytes.name()?);
                        bytes.import_kind()?;
                    }
                }
                EXPORTS => {
                    for _ in 0..bytes.number()? {
                        exports.push(bytes.name()?);
                        bytes.take(1)?;
                        bytes.number()?;
                    }
                }
                _ => {}
            }
        }
        Ok(Self { imports, exports })
    }

    /// A wasm file with other names, and without exports that are not used.
    #[must_use]
    pub fn renamed(
        wasm: &[u8],
        names: &BTreeMap<String, String>,
        used: &BTreeSet<&str>,
    ) -> Vec<u8> {
        let mut out = wasm.get(..8).unwrap_or_default().to_vec();
        for (id, body) in sections(wasm).unwrap_or_default() {
            let body = match id {
                IMPORTS => rewritten(body, |bytes| {
                    let module = bytes.name()?;
                    let name = bytes.name()?;
                    let kind = bytes.import_kind()?;
                    Ok(Some(
                        [
                            name_of(&module, names),
                            name_of(&name, names),
                            kind.to_vec(),
                        ]
                        .concat(),
                    ))
                }),
                EXPORTS => rewritten(body, |bytes| {
                    let name = bytes.name()?;
                    let before = bytes.0;
                    bytes.take(1)?;
                    bytes.number()?;
                    let what = before
                        .get(..before.len() - bytes.0.len())
                        .unwrap_or_default();
                    let is_used = used.contains(name.as_str());
                    Ok(is_used.then(|| [name_of(&name, names), what.to_vec()].concat()))
                }),
                _ => Ok(body.to_vec()),
            };
            // Read once already.
            let body = body.unwrap_or_default();
            out.push(id);
            out.extend(number(body.len()));
            out.extend(body);
        }
        out
    }
}

/// A section of which each entry is written anew, or left out.
fn rewritten(
    body: &[u8],
    mut entry: impl FnMut(&mut Bytes<'_>) -> Result<Option<Vec<u8>>>,
) -> Result<Vec<u8>> {
    let mut bytes = Bytes(body);
    let mut entries = Vec::new();
    for _ in 0..bytes.number()? {
        entries.extend(entry(&mut bytes)?);
    }
    let mut out = number(entries.len());
    out.extend(entries.concat());
    Ok(out)
}

fn name_of(name: &str, names: &BTreeMap<String, String>) -> Vec<u8> {
    let name = names.get(name).map_or(name, String::as_str);
    [number(name.len()), name.as_bytes().to_vec()].concat()
}

/// A number as wasm has it: seven bits a byte, the lowest first.
pub fn number(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = u8::try_from(value & 127).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 128);
    }
}

/// The sections of a wasm file: what kind, and what is in it.
pub fn sections(wasm: &[u8]) -> Result<Vec<(u8, &[u8])>> {
    ensure!(wasm.starts_with(b"\0asm"), "this is no wasm file");
    let mut bytes = Bytes(wasm.get(8..).context("a wasm file ends early")?);
    let mut sections = Vec::new();
    while !bytes.0.is_empty() {
        let id = bytes.take(1)?.first().copied().unwrap_or_default();
        let length = bytes.number()?;
        sections.push((id, bytes.take(length)?));
    }
    Ok(sections)
}

/// What is left of a section.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .context("a wasm file ends early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?.first().copied().unwrap_or_default();
            value |= usize::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        anyhow::bail!("a wasm file has a number that is too long")
    }

    fn name(&mut self) -> Result<String> {
        let length = self.number()?;
        Ok(std::str::from_utf8(self.take(length)?)?.to_owned())
    }

    /// What an import is: a function by its type, or a table, a memory, a global, a tag.
    fn import_kind(&mut self) -> Result<&'a [u8]> {
        let before = self.0;
        let limits = |bytes: &mut Self| -> Result<()> {
            let flags = bytes.number()?;
            bytes.number()?;
            if flags & 1 == 1 {
                bytes.number()?;
            }
            Ok(())
        };
        match self.take(1)? {
            [0] => {
                self.number()?;
            }
            [1] => {
                self.take(1)?;
                limits(self)?;
            }
            [2] => limits(self)?,
            [3] => {
                self.take(2)?;
            }
            [4] => {
                self.take(1)?;
                self.number()?;
            }
            _ => anyhow::bail!("a wasm file has an import of an unknown kind"),
        }
        Ok(before
            .get(..before.len() - self.0.len())
            .unwrap_or_default())
    }
}
