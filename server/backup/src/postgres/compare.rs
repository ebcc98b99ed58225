//! Whether a restored database is what was backed up.

use std::collections::BTreeMap;

use super::{Manifest, Relation, names};

/// A difference between what was backed up and what is there.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Difference {
    /// What differs, such as `rows of "public"."orders"`.
    pub subject: String,
    /// What the manifest says.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Comparison {
    /// What differs and must not. Empty: the restore is proven.
    pub differences: Vec<Difference>,
    /// What differs and may: versions of extensions, rows of materialized views.
    pub notes: Vec<Difference>,
    /// Tables whose rows were counted.
    pub tables: u64,
    /// And their rows in all.
    pub rows: u64,
    /// Tables whose contents were compared by checksum too.
    pub checksums: u64,
}

impl Comparison {
    /// Whether nothing differs that must not.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Compares what was backed up with what `found` says is there.
pub fn compare(expected: &Manifest, found: &Manifest) -> Comparison {
    let mut result = Comparison::default();
    relations(expected, found, &mut result);
    sequences(expected, found, &mut result);
    let (was, is) = (&expected.database, &found.database);
    for (subject, was, is) in [
        ("encoding", &was.encoding, &is.encoding),
        ("collation", &was.collate, &is.collate),
        ("character classes", &was.ctype, &is.ctype),
        ("owner of the database", &was.owner, &is.owner),
    ] {
        differ(&mut result.differences, subject, was, is);
    }
    differ(
        &mut result.differences,
        "large objects",
        &expected.large_objects,
        &found.large_objects,
    );
    for one in &expected.extensions {
        let subject = format!("extension {}", names::ident(&one.name));
        match found.extensions.iter().find(|other| other.name == one.name) {
            Some(other) => differ(&mut result.notes, &subject, &one.version, &other.version),
            None => differ(
                &mut result.differences,
                &subject,
                &one.version.as_str(),
                &"missing",
            ),
        }
    }
    result
}

fn differ<T: PartialEq + ToString>(
    to: &mut Vec<Difference>,
    subject: &str,
    expected: &T,
    found: &T,
) {
    if expected != found {
        to.push(Difference {
            subject: subject.to_owned(),
            expected: expected.to_string(),
            found: found.to_string(),
        });
    }
}

fn key(one: &Relation) -> (&str, &str, &str) {
    (&one.schema, &one.name, &one.kind)
}

fn relations(expected: &Manifest, found: &Manifest, result: &mut Comparison) {
    let there: BTreeMap<_, &Relation> = found.relations.iter().map(|one| (key(one), one)).collect();
    let known: BTreeMap<_, &Relation> = expected
        .relations
        .iter()
        .map(|one| (key(one), one))
        .collect();
    for (key, one) in &known {
        let name = format!(
            "{} {}",
            word(&one.kind),
            names::qualified(&one.schema, &one.name)
        );
        let Some(other) = there.get(key) else {
            // Another version of an extension may have other relations.
            let to = if one.extension.is_some() {
                &mut result.notes
            } else {
                &mut result.differences
            };
            differ(to, &name, &"present", &"missing");
            continue;
        };
        differ(
            &mut result.differences,
            &format!("owner of {name}"),
            &one.owner,
            &other.owner,
        );
        let (Some(rows), Some(others)) = (one.rows, other.rows) else {
            continue;
        };
        if one.kind == "m" {
            // It is computed anew from what its tables hold now.
            differ(
                &mut result.notes,
                &format!("rows of {name}"),
                &rows,
                &others,
            );
            continue;
        }
        result.tables += 1;
        result.rows += others;
        differ(
            &mut result.differences,
            &format!("rows of {name}"),
            &rows,
            &others,
        );
        if let (Some(sum), Some(other)) = (&one.checksum, &other.checksum) {
            result.checksums += 1;
            differ(
                &mut result.differences,
                &format!("contents of {name}"),
                sum,
                other,
            );
        }
    }
    for (key, one) in &there {
        if !known.contains_key(key) && one.extension.is_none() {
            let name = format!(
                "{} {}",
                word(&one.kind),
                names::qualified(&one.schema, &one.name)
            );
            differ(&mut result.differences, &name, &"missing", &"present");
        }
    }
}

fn sequences(expected: &Manifest, found: &Manifest, result: &mut Comparison) {
    for one in &expected.sequences {
        let Some(other) = found
            .sequences
            .iter()
            .find(|other| (&other.schema, &other.name) == (&one.schema, &one.name))
        else {
            // Told as a relation that is missing.
            continue;
        };
        // The dump came to it at some time between the two.
        let (low, high) = (one.before.min(one.after), one.before.max(one.after));
        if !(low..=high).contains(&other.before) {
            result.differences.push(Difference {
                subject: format!("sequence {}", names::qualified(&one.schema, &one.name)),
                expected: if low == high {
                    low.value.to_string()
                } else {
                    format!("{} to {}", low.value, high.value)
                },
                found: other.before.value.to_string(),
            });
        }
    }
}

fn word(kind: &str) -> &'static str {
    match kind {
        "r" => "table",
        "p" => "partitioned table",
        "i" | "I" => "index",
        "S" => "sequence",
        "v" => "view",
        "m" => "materialized view",
        "f" => "foreign table",
        _ => "type",
    }
}
