//! A column of whole numbers, in whichever of three ways is the shortest.

use pco::{
    ChunkConfig,
    wrapped::{FileCompressor, FileDecompressor},
};

use crate::{
    ABSENT, Corrupt,
    bytes::{put, put_signed, take_signed, take_up_to},
};

/// A change and how often the value stays: nothing for what stands still.
const RUNS: u8 = 0;
/// Every change: for columns too short to learn anything from.
const CHANGES: u8 = 1;
/// By `pco`: for all that moves.
const PCO: u8 = 2;
/// Beside one of the above: not every number is there.
const GAPS: u8 = 0x80;

/// With fewer numbers `pco`'s own head is longer than what it saves.
const FEW: usize = 24;

/// Packs `column`; [`ABSENT`] in it is a gap.
pub fn pack(column: &[i32]) -> Vec<u8> {
    let there: Vec<i32> = column.iter().copied().filter(|n| *n != ABSENT).collect();
    let mut best = (RUNS, runs(&there));
    let mut consider = |kind, bytes: Option<Vec<u8>>| {
        if let Some(bytes) = bytes.filter(|bytes| bytes.len() < best.1.len()) {
            best = (kind, bytes);
        }
    };
    if there.len() < 4 * FEW {
        consider(CHANGES, Some(changes(&there)));
    }
    if there.len() >= FEW {
        consider(PCO, by_pco(&there));
    }
    let (kind, body) = best;
    let mut packed = Vec::with_capacity(body.len() + 1);
    if there.len() == column.len() {
        packed.push(kind);
    } else {
        packed.push(kind | GAPS);
        put_gaps(&mut packed, column);
    }
    packed.extend_from_slice(&body);
    packed
}

/// Unpacks a column of `count` numbers.
pub fn unpack(mut bytes: &[u8], count: usize) -> Result<Vec<i32>, Corrupt> {
    let (&head, rest) = bytes.split_first().ok_or(Corrupt("it ends early"))?;
    bytes = rest;
    if head & GAPS == 0 {
        return unpack_there(head, bytes, count);
    }
    let spans = take_gaps(&mut bytes, count)?;
    let there = spans.iter().map(|(_, length)| length).sum();
    let numbers = unpack_there(head & !GAPS, bytes, there)?;
    let mut column = vec![ABSENT; count];
    let mut numbers = numbers.as_slice();
    for (start, length) in spans {
        let (some, rest) = numbers.split_at(length);
        column[start..start + length].copy_from_slice(some);
        numbers = rest;
    }
    Ok(column)
}

fn unpack_there(kind: u8, bytes: &[u8], count: usize) -> Result<Vec<i32>, Corrupt> {
    match kind {
        RUNS => from_runs(bytes, count),
        CHANGES => from_changes(bytes, count),
        PCO => from_pco(bytes, count),
        _ => Err(Corrupt("a column is of an unknown kind")),
    }
}

fn runs(numbers: &[i32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut last = 0;
    for run in numbers.chunk_by(|a, b| a == b) {
        put_signed(&mut bytes, i64::from(run[0]) - last);
        put(&mut bytes, run.len() as u64 - 1);
        last = i64::from(run[0]);
    }
    bytes
}

fn from_runs(mut bytes: &[u8], count: usize) -> Result<Vec<i32>, Corrupt> {
    let mut numbers = Vec::with_capacity(count);
    let mut last = 0;
    while numbers.len() < count {
        last = next(last, &mut bytes)?;
        let more = take_up_to(&mut bytes, count - numbers.len() - 1)?;
        numbers.resize(numbers.len() + more + 1, last);
    }
    Ok(numbers)
}

fn changes(numbers: &[i32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut last = 0;
    for number in numbers {
        put_signed(&mut bytes, i64::from(*number) - last);
        last = i64::from(*number);
    }
    bytes
}

fn from_changes(mut bytes: &[u8], count: usize) -> Result<Vec<i32>, Corrupt> {
    let mut last = 0;
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count {
        last = next(last, &mut bytes)?;
        numbers.push(last);
    }
    Ok(numbers)
}

fn next(last: i32, bytes: &mut &[u8]) -> Result<i32, Corrupt> {
    i64::from(last)
        .checked_add(take_signed(bytes)?)
        .and_then(|number| i32::try_from(number).ok())
        .ok_or(Corrupt("a number is too large"))
}

/// `None` when `pco` refuses, which leaves the other ways.
fn by_pco(numbers: &[i32]) -> Option<Vec<u8>> {
    let mut chunk = FileCompressor::default()
        .chunk_compressor(numbers, &ChunkConfig::default())
        .ok()?;
    // One page: a column is far shorter than what pco splits.
    (chunk.n_per_page().len() == 1).then_some(())?;
    let bytes = chunk.write_meta(Vec::new()).ok()?;
    chunk.write_page(0, bytes).ok()
}

fn from_pco(bytes: &[u8], count: usize) -> Result<Vec<i32>, Corrupt> {
    let unreadable = |_| Corrupt("a column is unreadable");
    // The version that this program writes; the block's own version stands for it.
    let head = FileCompressor::default()
        .write_header(Vec::new())
        .map_err(unreadable)?;
    let (file, _) = FileDecompressor::new(head.as_slice()).map_err(unreadable)?;
    let (mut chunk, page) = file
        .chunk_decompressor::<i32, _>(bytes)
        .map_err(unreadable)?;
    let mut numbers = vec![0; count];
    let progress = chunk
        .page_decompressor(page, count)
        .map_err(unreadable)?
        .read(&mut numbers)
        .map_err(unreadable)?;
    if progress.n_processed == count {
        Ok(numbers)
    } else {
        Err(Corrupt("a column is too short"))
    }
}

/// How many spans there are, and of each how much is missing before it and how long it is.
fn put_gaps(bytes: &mut Vec<u8>, column: &[i32]) {
    let mut spans = Vec::new();
    let mut missing = 0;
    for span in column.chunk_by(|a, b| (*a == ABSENT) == (*b == ABSENT)) {
        if span[0] == ABSENT {
            missing = span.len() as u64;
        } else {
            spans.push((missing, span.len() as u64));
            missing = 0;
        }
    }
    put(bytes, spans.len() as u64);
    for (missing, length) in spans {
        put(bytes, missing);
        put(bytes, length);
    }
}

fn take_gaps(bytes: &mut &[u8], count: usize) -> Result<Vec<(usize, usize)>, Corrupt> {
    let spans = take_up_to(bytes, count)?;
    let mut at = 0;
    (0..spans)
        .map(|_| {
            let start = at + take_up_to(bytes, count - at)?;
            let length = take_up_to(bytes, count - start)?;
            at = start + length;
            Ok((start, length))
        })
        .collect()
}
