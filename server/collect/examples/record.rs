//! Records this host: `record SECONDS FILE`. `server/ops/examples/samples.rs` plays it, and describes the file.

use std::{
    env,
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use collect::{Collector, Container, Options, Tick};

const SECOND: Duration = Duration::from_secs(1);

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [seconds, path] = arguments.as_slice() else {
        return Err(io::Error::other("give SECONDS and FILE"));
    };
    let seconds: u64 = seconds.parse().map_err(io::Error::other)?;
    let mut file = BufWriter::new(File::create(path)?);
    let options = Options::default();
    let mut collector = Collector::new(&options);
    let begun = Instant::now();
    for second in 0..seconds {
        if second % 10 == 0 {
            let mut found = Vec::new();
            containers(&options.cgroups, 4, &mut found);
            collector.set_containers(found);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a recording is of this host, now"
        )]
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let at = now.map_err(io::Error::other)?.as_millis();
        let tick = collector.tick(i64::try_from(at).map_err(io::Error::other)?);
        write(&mut file, &tick)?;
        let due = SECOND * u32::try_from(second + 1).map_err(io::Error::other)?;
        thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    file.flush()
}

/// A number never stands for two series, so that all ends can be left out.
fn write(file: &mut impl Write, tick: &Tick) -> io::Result<()> {
    for (number, series) in &tick.began {
        let pairs: Vec<String> = (series.key.attributes.iter())
            .map(|(key, value)| format!("{key}={}", plain(value)))
            .collect();
        let (name, unit) = (&series.key.name, &series.unit);
        writeln!(file, "S {number} {name} {unit} {}", pairs.join(","))?;
    }
    write!(file, "F {}", tick.frame.at)?;
    for (number, value) in &tick.frame.samples {
        write!(file, " {number}:{value}")?;
    }
    writeln!(file)
}

/// What stands between the parts of a line is none of it.
fn plain(value: &str) -> String {
    value.replace([' ', ',', '=', ':', '\n'], "_")
}

/// Cgroups of containers, as Docker names them.
fn containers(folder: &Path, depth: u32, found: &mut Vec<Container>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let id = name
            .trim_start_matches("docker-")
            .trim_end_matches(".scope");
        if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            if !found.iter().any(|one| one.id == id) {
                found.push(Container {
                    id: id.to_owned(),
                    project: String::new(),
                    service: String::new(),
                    name: id[..12].to_owned(),
                });
            }
        } else if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            containers(&entry.path(), depth - 1, found);
        }
    }
}
