//! `bundle`: command line around the library of the same name.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context, Result, bail};
use bundle::{
    inputs::{self, Stamp},
    manifest::Manifest,
    scan,
    site::{self, Site},
    style, trim, wasm,
};
use clap::Parser;

/// Makes the site folder: style sheet, script and wasm under hashed names, brotli and gzip beside each.
#[derive(Parser)]
#[command(version, about)]
struct Args {
    /// An area of the console and its wasm file as the compiler left it, `area=path`; once for each area.
    #[arg(long, required_unless_present = "sheet", value_parser = area)]
    wasm: Vec<(String, PathBuf)>,
    /// Folder of style sheets; its *.css files are taken in the order of `order.txt`.
    #[arg(long)]
    style: PathBuf,
    /// Folder of Rust sources whose class names the style sheet must hold; may be repeated.
    #[arg(long, required = true)]
    sources: Vec<PathBuf>,
    /// Folder of files that keep their names: icons, manifest.
    #[arg(long, required_unless_present = "sheet")]
    public: Option<PathBuf>,
    /// The folder to fill. What it holds from an earlier run goes.
    #[arg(long, required_unless_present = "sheet")]
    out: Option<PathBuf>,
    /// Binaryen's wasm-opt; needed unless --dev.
    #[arg(long, required_unless_present_any = ["dev", "sheet"])]
    wasm_opt: Option<PathBuf>,
    /// Writes the style sheet alone to this file, for another builder (cargo-leptos) to take.
    #[arg(long, conflicts_with_all = ["wasm", "public", "out", "wasm_opt", "dev"])]
    sheet: Option<PathBuf>,
    /// Quick instead of small: no wasm-opt, light compression.
    #[arg(long)]
    dev: bool,
}

fn area(text: &str) -> Result<(String, PathBuf)> {
    let (name, path) = text.split_once('=').context("give area=path")?;
    Ok((name.to_owned(), path.into()))
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundle: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    if let Some(path) = &args.sheet {
        return site::write_file(path, sheet(args)?.as_bytes())
            .with_context(|| format!("writing {}", path.display()));
    }
    match (&args.public, &args.out) {
        (Some(public), Some(out)) => make(args, public, out),
        _ => bail!("--wasm, --public and --out are needed"),
    }
}

fn make(args: &Args, public: &Path, out: &Path) -> Result<()> {
    let started = Instant::now();
    let stamp = Stamp::of(
        [args.style.as_path(), public]
            .into_iter()
            .chain(args.wasm.iter().map(|(_, path)| path.as_path()))
            .chain(args.sources.iter().map(PathBuf::as_path)),
        args.dev,
    )?;
    if stamp.matches(out) {
        return Ok(());
    }
    let pages = args
        .wasm
        .iter()
        .map(|(area, path)| Ok((area.clone(), page(args, path)?)))
        .collect::<Result<_>>()?;
    let sheet = sheet(args)?;
    let site = Site::new(pages, sheet, inputs::files(public)?, args.dev);
    let manifest = site
        .write(out)
        .with_context(|| format!("writing {}", out.display()))?;
    stamp.write(out)?;
    report(&manifest, started);
    Ok(())
}

fn page(args: &Args, wasm: &Path) -> Result<wasm::Page> {
    let mut page = wasm::bind(wasm, args.dev)?;
    if let (false, Some(tool)) = (args.dev, &args.wasm_opt) {
        trim::trim(&mut page)?;
        // What the first run leaves, the second still makes smaller; a third gains nothing.
        for _ in 0..2 {
            page.wasm = wasm::optimise(&page.wasm, tool)?;
        }
    }
    Ok(page)
}

fn sheet(args: &Args) -> Result<String> {
    let mut names = std::collections::BTreeSet::new();
    for folder in &args.sources {
        for path in inputs::rust_sources(folder)? {
            let text =
                fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let found =
                scan::scan(&text).with_context(|| format!("scanning {}", path.display()))?;
            names.extend(found.candidates);
        }
    }
    Ok(style::sheet(&style::read(&args.style)?, &names))
}

fn report(manifest: &Manifest, started: Instant) {
    for (name, size) in manifest
        .sizes
        .iter()
        .filter(|(name, _)| name.starts_with("pkg/"))
    {
        println!(
            "{name}: {} B, brotli {}, gzip {}",
            size.raw,
            size.or_raw(size.br),
            size.or_raw(size.gz)
        );
    }
    println!("made in {:.1} s", started.elapsed().as_secs_f32());
    for (area, bytes) in manifest.first_loads() {
        println!("first load of {area} (wasm and scripts, brotli): {bytes} B");
    }
}
