#![expect(clippy::unwrap_used, reason = "a test may stop")]
use super::*;

const AT: &str = "2026-11-23T01:02:03.123456789Z";

fn read(wire: &[u8], size: usize) -> Vec<LogLine> {
    let (mut lines, mut read) = (Lines::default(), Vec::new());
    for bytes in wire.chunks(size) {
        let piece = LogPiece {
            stream: LogStream::Stdout,
            bytes: bytes.to_vec(),
        };
        lines.take(&piece, |line| read.push(line.line));
        assert!(
            lines.stdout.held.len() <= LONGEST + TIME,
            "no more than a line's beginning is held"
        );
    }
    lines.finish(|line| read.push(line.line));
    read
}

fn one(text: &str) -> LogLine {
    let mut read = read(format!("{AT} {text}\n").as_bytes(), 1_000_000);
    assert_eq!(read.len(), 1);
    read.remove(0)
}

#[test]
fn lines_are_the_same_wherever_the_bytes_are_cut() {
    let long = "x".repeat(LONGEST * 3);
    let exact = "y".repeat(LONGEST);
    let wire =
        format!("{AT} one\n{AT} \n{AT}\nno time\n{AT} {long}\n{AT} {exact}\n{AT} żółw\r\n{AT} end");
    let whole = read(wire.as_bytes(), wire.len());
    let messages: Vec<&str> = whole.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "one",
            "",
            "",
            "no time",
            &long[..LONGEST],
            &exact,
            "żółw",
            "end"
        ]
    );
    let cut: Vec<bool> = whole.iter().map(|line| line.cut).collect();
    assert_eq!(cut, [false, false, false, false, true, false, false, false]);
    assert!(whole[2].at.is_some() && whole[3].at.is_none());
    for size in [1, 2, 3, 7, 31, 4_096, 65_536] {
        assert_eq!(read(wire.as_bytes(), size), whole, "{size}");
    }
}

#[test]
fn random_bytes_never_break_it() {
    // A small generator of our own: the same bytes every time.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut wire = Vec::new();
    for _ in 0..200_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        wire.push(match state % 7 {
            0 => b'\n',
            1 => 0x1b,
            2 => b'{',
            _ => state.to_le_bytes()[3],
        });
    }
    let whole = read(&wire, wire.len());
    assert_eq!(read(&wire, 13), whole);
    for line in &whole {
        assert!(
            line.message
                .chars()
                .all(|char| char == '\t' || !char.is_control()),
            "{line:?}"
        );
    }
}

#[test]
fn json_is_told_by_its_parts() {
    let line = one(
        r#"{"level":"ERROR","message":"no \u001b[31mcredit","trace_id":"t1","video_id":42,"cost":"3.5","other":{}}"#,
    );
    assert_eq!(
        (line.level.as_str(), line.message.as_str()),
        ("error", "no credit")
    );
    assert_eq!(
        (line.trace_id.as_str(), line.video_id.as_str(), line.cost),
        ("t1", "42", Some(3.5))
    );
    assert_eq!(line.at.unwrap().microsecond(), 123_456);
    let pino = one(r#"{"level":40,"msg":"slow","cost_usd":0.2}"#);
    assert_eq!(
        (pino.level.as_str(), pino.message.as_str(), pino.cost),
        ("warn", "slow", Some(0.2))
    );
}

#[test]
fn other_lines_stay_as_they_are() {
    for text in [
        "plain",
        "{not json",
        "[1]",
        r#"{"level":"info"}"#,
        "\"text\"",
        r#"{"message":null}"#,
    ] {
        let line = one(text);
        assert_eq!((line.message.as_str(), line.level.as_str()), (text, ""));
    }
    assert_eq!(
        one("\u{1b}[1mbold\u{1b}[0m <b>html</b>").message,
        "bold <b>html</b>"
    );
}

#[test]
fn a_cut_object_is_shown_as_it_is() {
    let line = one(&format!(r#"{{"message":"{}"}}"#, "x".repeat(LONGEST)));
    assert!(line.cut && line.message.starts_with(r#"{"message":"xxx"#));
    let deep = one(&"{\"message\":".repeat(700));
    assert!(deep.message.starts_with('{'));
}

#[test]
fn streams_do_not_mix() {
    let (mut lines, mut read) = (Lines::default(), Vec::new());
    for (stream, bytes) in [
        (LogStream::Stdout, "ou"),
        (LogStream::Stderr, "err\n"),
        (LogStream::Stdout, "t\n"),
    ] {
        let piece = LogPiece {
            stream,
            bytes: bytes.as_bytes().to_vec(),
        };
        lines.take(&piece, |line| read.push(line.line));
    }
    let told: Vec<_> = read
        .iter()
        .map(|line| (line.stream.as_str(), line.message.as_str()))
        .collect();
    assert_eq!(told, [("stderr", "err"), ("stdout", "out")]);
}

#[test]
fn a_line_without_an_end_holds_eight_kibibytes() {
    let mut lines = Lines::default();
    let piece = LogPiece {
        stream: LogStream::Stdout,
        bytes: vec![b'x'; 64 * 1024],
    };
    let mut count = 0;
    for _ in 0..(1 << 27) / piece.bytes.len() {
        lines.take(&piece, |_| count += 1);
    }
    assert!(lines.stdout.held.capacity() <= 4 * (LONGEST + TIME));
    lines.finish(|line| {
        count += 1;
        assert!(line.line.cut);
    });
    assert_eq!(count, 1);
}
