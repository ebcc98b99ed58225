//! Prometheus' text format.

use std::fmt::Write;

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    /// As `node_exporter` tells of /proc/vmstat.
    Untyped,
}

/// A family of samples that is being written.
pub(crate) struct Family<'a> {
    out: &'a mut String,
    name: &'a str,
    /// Its head, until the first sample is written: a family without samples is not told.
    head: Option<(&'a str, Kind)>,
}

impl<'a> Family<'a> {
    pub(crate) fn new(out: &'a mut String, name: &'a str, kind: Kind, help: &'a str) -> Self {
        Self {
            out,
            name,
            head: Some((help, kind)),
        }
    }

    /// Writes a sample; one that is not told is left out.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: Option<f64>) {
        let Some(value) = value else { return };
        let (out, name) = (&mut *self.out, self.name);
        if let Some((help, kind)) = self.head.take() {
            let kind = match kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Untyped => "untyped",
            };
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        }
        out.push_str(name);
        let mut before = '{';
        for (label, value) in labels {
            let _ = write!(out, "{before}{label}=\"");
            escape(value, out);
            out.push('"');
            before = ',';
        }
        if before == ',' {
            out.push('}');
        }
        let _ = writeln!(out, " {value}");
    }
}

/// Backslashes, quotes and ends of lines would end a label's value.
fn escape(value: &str, out: &mut String) {
    for letter in value.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_empty_families_are_not_told() {
        let mut out = String::new();
        Family::new(&mut out, "nothing", Kind::Gauge, "Never told.").sample(&[], None);
        let mut family = Family::new(&mut out, "disk", Kind::Counter, "Disks.");
        family.sample(&[("path", "/a\\b\"c\n"), ("kind", "ext4")], Some(0.5));
        family.sample(&[], Some(25_276_502_016.0));
        assert_eq!(
            out,
            "# HELP disk Disks.\n# TYPE disk counter\n\
             disk{path=\"/a\\\\b\\\"c\\n\",kind=\"ext4\"} 0.5\ndisk 25276502016\n"
        );
    }
}
