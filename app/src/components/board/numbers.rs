//! Charts as numbers: the table behind each, and CSV.

use std::fmt::Write;

use types::charts::{Chart, Columns};

use crate::{
    charts::{points, times, times_of, units},
    components::html::Html,
};

/// Rows of a table: more would be read by nobody, and the file has all.
const ROWS: i64 = 12;

/// The table of a chart: the mean of each twelfth of the range that has one, the newest first.
pub fn table(html: &mut Html, chart: &Chart, (from, to): (i64, i64), zone: times::Zone) {
    html.start("table", "", &[]);
    html.start("thead", "", &[]).start("tr", "", &[]);
    html.start("th", "", &[("scope", "col")])
        .text("From")
        .end("th");
    for line in &chart.lines {
        html.start("th", "num", &[("scope", "col")])
            .text(&line.label)
            .end("th");
    }
    html.end("tr").end("thead").start("tbody", "", &[]);
    let width = ((to - from) / ROWS).max(1);
    let means: Vec<_> = chart
        .lines
        .iter()
        .map(|line| means(&line.points, from, width))
        .collect();
    for row in (0..ROWS).rev() {
        let place = usize::try_from(row).unwrap_or_default();
        let of_row = |line: &Vec<Option<f64>>| line.get(place).copied().flatten();
        if means.iter().all(|line| of_row(line).is_none()) {
            continue;
        }
        html.start("tr", "", &[])
            .start("th", "mono", &[("scope", "row")]);
        html.text(&times::instant(from + row * width, to - from, zone))
            .end("th");
        for line in &means {
            let text = of_row(line)
                .map_or_else(|| "–".to_owned(), |value| units::value(&chart.unit, value));
            html.start("td", "num", &[]).text(&text).end("td");
        }
        html.end("tr");
    }
    html.end("tbody").end("table");
}

fn means(columns: &Columns, from: i64, width: i64) -> Vec<Option<f64>> {
    let rows = usize::try_from(ROWS).unwrap_or_default();
    let mut sums = vec![(0.0, 0_u32); rows];
    for (at, mean, _, _) in points(columns) {
        let row = usize::try_from((at - from).div_euclid(width)).ok();
        if let Some((sum, count)) = row.and_then(|row| sums.get_mut(row)) {
            *sum += mean;
            *count += 1;
        }
    }
    let mean = |(sum, count): (f64, u32)| (count > 0).then(|| sum / f64::from(count));
    sums.into_iter().map(mean).collect()
}

/// The most points of a series in one answer of the API; no range has more in a piece of its own.
pub const PIECE: i64 = 2_000;

/// The most answers that one series is asked for by: 24,000 points, a third of a day of samples.
const PIECES: i64 = 12;

/// A range in pieces that hold no more samples than an answer does, or where that would be too many, in so many pieces.
pub fn pieces(from: i64, to: i64) -> impl Iterator<Item = (i64, i64)> {
    let width = (PIECE * 1_000).max((to - from) / PIECES + 1);
    let begins = (0..PIECES).map(move |nth| from + nth * width);
    begins
        .take_while(move |begin| *begin < to)
        .map(move |begin| (begin, (begin + width).min(to)))
}

/// The points of a chart as CSV: a column a series, with least and greatest where there are such; a row a time.
pub fn csv(chart: &Chart) -> String {
    let mut text = String::from("time");
    for line in &chart.lines {
        let label = format!("{} ({})", line.label, chart.unit);
        text.push(',');
        cell(&mut text, &label);
        if !line.points.least.is_empty() {
            for which in ["least", "greatest"] {
                text.push(',');
                cell(&mut text, &format!("{which} {label}"));
            }
        }
    }
    text.push_str("\r\n");
    let all = times_of(chart.lines.iter().map(|line| &line.points));
    let mut lines: Vec<_> = chart
        .lines
        .iter()
        .map(|line| points(&line.points).peekable())
        .collect();
    for at in all {
        text.push_str(&times::machine(at));
        for (line, points) in chart.lines.iter().zip(&mut lines) {
            let point = points.next_if(|point| point.0 == at);
            let is_banded = !line.points.least.is_empty();
            let number = units::exact;
            let [mean, least, greatest] = point
                .map_or_else(Default::default, |(_, mean, least, greatest)| {
                    [number(mean), number(least), number(greatest)]
                });
            text.push(',');
            text.push_str(&mean);
            if is_banded {
                let _ = write!(text, ",{least},{greatest}");
            }
        }
        text.push_str("\r\n");
    }
    text
}

/// A cell of text. What a spreadsheet would take for a formula is text to it by an apostrophe.
fn cell(out: &mut String, text: &str) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    out.push('"');
    if is_formula {
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use types::charts::Line;

    use super::*;

    fn chart(label: &str) -> Chart {
        let line = |label: &str, times: Vec<i64>, mean: Vec<f64>, least: Vec<f64>| Line {
            id: 1,
            label: label.to_owned(),
            points: Columns {
                step: 1_000,
                times,
                mean,
                greatest: least.clone(),
                least,
            },
            before: None,
        };
        Chart {
            id: "cpu".to_owned(),
            title: "CPU".to_owned(),
            unit: "1".to_owned(),
            is_stacked: false,
            most: None,
            limits: Vec::new(),
            left_out: 0,
            lines: vec![
                line(
                    label,
                    vec![1_764_000_000_000, 1_000],
                    vec![0.25, 0.5],
                    Vec::new(),
                ),
                line("b", vec![1_764_000_001_000], vec![0.125], vec![0.1]),
            ],
        }
    }

    #[test]
    fn each_time_has_a_row_and_what_is_missing_is_empty() {
        assert_eq!(
            csv(&chart("a")),
            "time,\"a (1)\",\"b (1)\",\"least b (1)\",\"greatest b (1)\"\r\n\
             2025-11-24T16:00:00Z,0.25,,,\r\n2025-11-24T16:00:01Z,0.5,0.125,0.1,0.1\r\n"
        );
    }

    #[test]
    fn a_range_is_read_whole_in_pieces_that_an_answer_holds() {
        for seconds in [1, 300, 2_000, 2_001, 3_600, 23_999, 86_400, 31_536_000] {
            let (from, to) = (1_764_000_000_000, 1_764_000_000_000 + seconds * 1_000);
            let all: Vec<_> = pieces(from, to).collect();
            assert!(all.len() <= 12, "{seconds}");
            assert_eq!(all.first().map(|one| one.0), Some(from));
            assert_eq!(all.last().map(|one| one.1), Some(to));
            assert!(all.windows(2).all(|two| two[0].1 == two[1].0));
            if seconds <= 24_000 {
                let holds = |one: &(i64, i64)| one.1 - one.0 <= PIECE * 1_000;
                assert!(all.iter().all(holds), "each sample of {seconds} s");
            }
        }
        assert_eq!(pieces(5, 5).count(), 0);
    }

    #[test]
    fn a_label_is_no_formula() {
        let text = csv(&chart("=HYPERLINK(\"http://x\")"));
        assert!(
            text.starts_with("time,\"'=HYPERLINK(\"\"http://x\"\") (1)\""),
            "{text}"
        );
    }

    #[test]
    fn a_table_tells_what_is_known_and_a_dash_where_nothing_is() {
        let mut html = Html::default();
        table(
            &mut html,
            &chart("<a>"),
            (1_764_000_000_000, 1_764_000_012_000),
            times::UTC,
        );
        let html = html.as_str();
        assert!(
            html.contains("&lt;a&gt;") && html.contains("25 %") && html.contains('–'),
            "{html}"
        );
        assert_eq!(html.matches("<tr>").count(), 3, "empty rows are left out");
        assert!(
            html.find("16:00:01") < html.find("16:00:00"),
            "the newest is first: {html}"
        );
    }
}
