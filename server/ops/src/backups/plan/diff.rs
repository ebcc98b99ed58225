//! How the contents of small text files would change, as a unified difference.

use std::{io::Read, path::Path};

use backup::restic::{Entry, Restic, SnapshotId};
use futures::{StreamExt, stream};
use types::backups::{Difference, TextChange};

use super::mask;

/// Files that are shown, and how many are read at once.
const MOST_FILES: usize = 12;
const AT_ONCE: usize = 4;

/// Larger files are not shown.
const LARGEST: u64 = 256 << 10;

/// Lines that are shown of a file.
const MOST_LINES: usize = 400;

/// Unchanged lines that are shown before and behind a change.
const AROUND: usize = 3;

/// Pairs of lines that are compared; of files in which more differ all of it is told as changed.
const MOST_PAIRS: usize = 4_000_000;

/// How the text files among those that differ would change, secrets masked, and how many files are not shown.
pub async fn texts(
    restic: &Restic,
    snapshot: &SnapshotId,
    differing: &[(Entry, Difference)],
) -> (Vec<TextChange>, i64) {
    let small = differing
        .iter()
        .map(|(entry, _)| entry)
        .filter(|entry| entry.is_file() && entry.size <= LARGEST)
        .take(MOST_FILES);
    let small: Vec<Entry> = small.cloned().collect();
    let changes: Vec<Option<TextChange>> = stream::iter(small)
        .map(|entry| async move {
            let then = restic.read(snapshot, &entry.path, 1 << 20).await.ok()?;
            change(&entry.path, &String::from_utf8(then).ok()?)
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let shown: Vec<TextChange> = changes.into_iter().flatten().collect();
    let left_out = differing.len() - shown.len();
    (shown, i64::try_from(left_out).unwrap_or(i64::MAX))
}

/// From what is there to `then`; none where that is no text.
fn change(path: &str, then: &str) -> Option<TextChange> {
    let now = now(Path::new(path))?;
    let mut lines = unified(&Shown::of(path, &now), &Shown::of(path, then));
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES;
        lines.truncate(MOST_LINES);
        lines.push(format!("… {more} more lines"));
    }
    Some(TextChange {
        path: path.to_owned(),
        lines,
    })
}

/// The text that is there; none where there is other than text, or more than is shown.
fn now(path: &Path) -> Option<String> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(String::new()),
        Err(_) => return None,
    };
    let is_file = file.metadata().ok()?.is_file();
    let mut text = String::new();
    if is_file {
        file.take(LARGEST + 1).read_to_string(&mut text).ok()?;
    }
    (is_file && text.len() as u64 <= LARGEST).then_some(text)
}

/// A text by its lines, and what may be shown of each.
struct Shown<'a> {
    lines: Vec<&'a str>,
    masked: Vec<String>,
}

impl<'a> Shown<'a> {
    fn of(path: &str, text: &'a str) -> Self {
        Self {
            lines: text.lines().collect(),
            masked: mask::lines(path, text),
        }
    }

    fn line(&self, sign: char, at: usize) -> String {
        let text = self.masked.get(at).map(String::as_str);
        format!("{sign}{}", text.unwrap_or_default())
    }
}

/// A line of one of two texts, or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Both(usize, usize),
    Old(usize),
    New(usize),
}

/// The difference from `old` to `new`, hunk by hunk; empty where there is none.
fn unified(old: &Shown<'_>, new: &Shown<'_>) -> Vec<String> {
    let steps = steps(&old.lines, &new.lines);
    let is_change = |step: &Step| !matches!(step, Step::Both(..));
    let mut shown = Vec::new();
    let mut at = 0;
    while let Some(first) = (at..steps.len()).find(|at| is_change(&steps[*at])) {
        let start = first.saturating_sub(AROUND).max(at);
        let mut last = first;
        // What is near belongs to the same hunk.
        while let Some(next) =
            (last + 1..steps.len().min(last + 2 * AROUND + 2)).find(|at| is_change(&steps[*at]))
        {
            last = next;
        }
        let end = steps.len().min(last + AROUND + 1);
        let hunk = &steps[start..end];
        shown.push(head(&steps[..start], hunk));
        shown.extend(hunk.iter().map(|step| match *step {
            Step::Both(_, at) => new.line(' ', at),
            Step::Old(at) => old.line('-', at),
            Step::New(at) => new.line('+', at),
        }));
        at = end;
    }
    shown
}

/// `@@ -1,3 +1,4 @@`
fn head(before: &[Step], hunk: &[Step]) -> String {
    let of_old = |steps: &[Step]| {
        let all = steps.iter().filter(|step| !matches!(step, Step::New(_)));
        all.count()
    };
    let of_new = |steps: &[Step]| {
        let all = steps.iter().filter(|step| !matches!(step, Step::Old(_)));
        all.count()
    };
    // A hunk without lines of one text stands behind the line before it.
    let from = |before: usize, lines: usize| if lines == 0 { before } else { before + 1 };
    let (old, new) = (of_old(hunk), of_new(hunk));
    format!(
        "@@ -{},{old} +{},{new} @@",
        from(of_old(before), old),
        from(of_new(before), new)
    )
}

/// The lines of both texts in order: a longest common subsequence of them in common.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let same = |a: usize, b: usize| old.get(a) == new.get(b);
    let both = old.len().min(new.len());
    let front = (0..both).take_while(|at| same(*at, *at)).count();
    let back = (0..both - front)
        .take_while(|back| same(old.len() - 1 - back, new.len() - 1 - back))
        .count();
    let (rows, columns) = (old.len() - front - back, new.len() - front - back);
    let mut steps: Vec<Step> = (0..front).map(|at| Step::Both(at, at)).collect();
    if rows.saturating_mul(columns) > MOST_PAIRS {
        steps.extend((front..front + rows).map(Step::Old));
        steps.extend((front..front + columns).map(Step::New));
    } else {
        between(front, rows, columns, &same, &mut steps);
    }
    let behind = (0..back).map(|at| Step::Both(front + rows + at, front + columns + at));
    steps.extend(behind);
    steps
}

/// The steps through `rows` old and `columns` new lines from the line `front` on.
fn between(
    front: usize,
    rows: usize,
    columns: usize,
    same: &impl Fn(usize, usize) -> bool,
    steps: &mut Vec<Step>,
) {
    // How many lines are in common from a pair on: `lengths[row * width + column]`.
    let width = columns + 1;
    let mut lengths = vec![0_u32; (rows + 1) * width];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let at = row * width + column;
            lengths[at] = if same(front + row, front + column) {
                lengths[at + width + 1] + 1
            } else {
                lengths[at + width].max(lengths[at + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < rows || column < columns {
        let at = row * width + column;
        if row < rows && column < columns && same(front + row, front + column) {
            steps.push(Step::Both(front + row, front + column));
            (row, column) = (row + 1, column + 1);
        } else if row < rows && (column == columns || lengths[at + width] >= lengths[at + 1]) {
            steps.push(Step::Old(front + row));
            row += 1;
        } else {
            steps.push(Step::New(front + column));
            column += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(path: &str, old: &str, new: &str) -> Vec<String> {
        unified(&Shown::of(path, old), &Shown::of(path, new))
    }

    #[test]
    fn changes_are_shown_with_what_is_around_them() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\ni\nj\nk\n";
        assert_eq!(
            difference("/x", old, new),
            [
                "@@ -2,9 +2,10 @@",
                " b",
                " c",
                " d",
                "-e",
                "+E",
                " f",
                " g",
                " h",
                " i",
                " j",
                "+k",
            ]
        );
        assert!(difference("/x", old, old).is_empty());
        assert_eq!(
            difference("/x", "", "a\nb"),
            ["@@ -0,0 +1,2 @@", "+a", "+b"]
        );
        assert_eq!(difference("/x", "a", ""), ["@@ -1,1 +0,0 @@", "-a"]);
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let old: Vec<String> = (0..40).map(|line| line.to_string()).collect();
        let old = old.join("\n");
        let new = old
            .replace("\n5\n", "\nfive\n")
            .replace("\n30\n", "\nthirty\n");
        let shown = difference("/x", &old, &new);
        let heads: Vec<&String> = shown.iter().filter(|line| line.starts_with("@@")).collect();
        assert_eq!(heads, ["@@ -3,7 +3,7 @@", "@@ -28,7 +28,7 @@"]);
    }

    #[test]
    fn a_value_that_changed_is_told_and_not_shown() {
        let shown = difference("/opt/.env", "A=1\nB=s3cret\n", "A=1\nB=other\n");
        assert_eq!(shown, ["@@ -1,2 +1,2 @@", " A=•••", "-B=•••", "+B=•••"]);
    }
}
