//! `bundle`: command line around the library of the same name.

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result};
use bundle::{
    inputs::{self, Stamp},
    scan,
    site::{self, Site},
    style, wasm,
};
use clap::Parser;

/// First load that the console allows itself: wasm and script, brotli, in bytes.
const FIRST_LOAD_LIMIT: usize = 350 * 1024;

/// Makes the site folder: style sheet, script and wasm under hashed names, brotli and gzip beside each.
#[derive(Parser)]
#[command(version, about)]
struct Args {
    /// The wasm file as the compiler left it.
    #[arg(long)]
    wasm: PathBuf,
    /// Folder of style sheets; its *.css files are taken in the order of `order.txt`.
    #[arg(long)]
    style: PathBuf,
    /// Folder of Rust sources whose class names the style sheet must hold; may be repeated.
    #[arg(long, required = true)]
    sources: Vec<PathBuf>,
    /// Folder of files that keep their names: icons, manifest.
    #[arg(long)]
    public: PathBuf,
    /// The folder to fill. What it holds from an earlier run goes.
    #[arg(long)]
    out: PathBuf,
    /// Binaryen's wasm-opt; needed unless --dev.
    #[arg(long, required_unless_present = "dev")]
    wasm_opt: Option<PathBuf>,
    /// Quick instead of small: no wasm-opt, light compression.
    #[arg(long)]
    dev: bool,
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
    let started = Instant::now();
    let stamp = Stamp::of(
        [&args.wasm, &args.style, &args.public]
            .into_iter()
            .chain(&args.sources)
            .map(PathBuf::as_path),
        args.dev,
    )?;
    if stamp.matches(&args.out) {
        return Ok(());
    }
    let page = page(args)?;
    let sheet = sheet(args)?;
    let site = Site::new(page, sheet, inputs::files(&args.public)?, args.dev);
    let manifest = site
        .write(&args.out)
        .with_context(|| format!("writing {}", args.out.display()))?;
    stamp.write(&args.out)?;
    report(&manifest, started);
    Ok(())
}

fn page(args: &Args) -> Result<wasm::Page> {
    let mut page = wasm::bind(&args.wasm, args.dev)?;
    if let (false, Some(tool)) = (args.dev, &args.wasm_opt) {
        page.wasm = wasm::optimise(&page.wasm, tool)?;
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

fn report(manifest: &site::Manifest, started: Instant) {
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
    let first_load = manifest.first_load();
    println!(
        "first load (wasm and script, brotli): {} KB, {:.1} s",
        first_load / 1024,
        started.elapsed().as_secs_f32()
    );
    if !manifest.dev && first_load > FIRST_LOAD_LIMIT {
        eprintln!(
            "bundle: warning: first load is {first_load} B, over the limit of {FIRST_LOAD_LIMIT} B"
        );
    }
}
